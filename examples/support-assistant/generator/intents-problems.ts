import { cities, intent, weekdays } from './intent.js';
import type { Intent } from './intent.js';

const asked = ['the neighbours do not have it', 'the neighbours know nothing'];
const asSender = ['I sent it', 'I am the sender'];
const inTime = ['today', 'yesterday', 'four days ago'];

/** Intents about parcels that are late, lost or damaged. */
export const problemIntents: readonly Intent[] = [
  intent({
    category: 'delivered-not-received',
    document: 'missing-parcels.md',
    since: 1,
    slots: {
      check: [...asked, 'the neighbours are still away', 'the neighbours are not asked yet'],
      city: cities,
      day: weekdays,
    },
    questions: [
      'My parcel {tracking} shows delivered on {day} in {city}, but I have nothing. By the way, {check}.',
      'The app says {tracking} was delivered in {city} on {day}. It is not here and {check}.',
      '{tracking} is marked as delivered ({day}, {city}) but never came; {check}.',
      'Delivered on {day}? I did not get {tracking} in {city}, and {check}.',
      'You claim {tracking} was delivered in {city} on {day}, I have not received it. So far {check}.',
      'Where is {tracking}? Status is delivered since {day}, my house in {city} got nothing, {check}.',
      'Not received: {tracking}, supposedly delivered {day}, {city}. Note that {check}.',
      'I got a delivered message for {tracking} on {day} but no parcel in {city}; {check}.',
      'Tracking shows {tracking} as delivered to {city} on {day}, yet it is missing. Also {check}.',
      'Nothing arrived in {city} on {day} although {tracking} says delivered. And {check}.',
      'The status of {tracking} is delivered, {day}. No sign of it here in {city}, {check}.',
      'Your site says {tracking} was delivered on {day}, but my porch in {city} is empty; {check}.',
      'I never got {tracking}. Delivered {day}, {city}, says the email, and {check}.',
      '{tracking} counts as delivered since {day}. There is no box at my door in {city}; {check}.',
      'Help, no parcel! {tracking} delivered in {city} on {day}? Well, {check}.',
      'A delivered note for {tracking} came on {day}, nothing at my home in {city}, {check}.',
      'Who got {tracking}? It says delivered in {city} on {day}. To be clear, {check}.',
      '{tracking} vanished, it was delivered in {city} on {day} they say; {check}.',
    ],
    golden: [
      'Your site insists {tracking} reached me {day}. Nothing on the porch here ({city}). Also, {check}.',
      'Help, {tracking} vanished! Delivered {day} in {city}, it says; {check}.',
      'According to the email {tracking} is delivered, {city}, {day}. It is not, {check}.',
      'I never got {tracking}, which you delivered on {day} somewhere in {city}; {check}.',
      'Who has {tracking}? Delivered on {day}, nothing at my {city} door, {check}.',
      'Since {day} {tracking} counts as delivered, but my {city} home has no box; {check}.',
      'No parcel {tracking} in {city} despite the delivered note of {day}. To be clear, {check}.',
    ],
    answer: ({ tracking, check, city, day }) =>
      asked.includes(check)
        ? {
            text: `As ${check}, we start an investigation into ${tracking}, ${city}, of ${day} and answer in two working days.`,
            topics: [tracking, 'investigation', 'two working days'],
          }
        : {
            text: `As ${check}, please ask them first; if ${tracking} stays missing in ${city}, contact us for an investigation.`,
            topics: [tracking, 'neighbours', 'investigation'],
          },
  }),
  intent({
    category: 'late-compensation',
    document: 'compensation.md',
    since: 1,
    slots: {
      service: ['next-day', 'express', 'standard'],
      late: ['one day', 'two days', 'three days', 'four days'],
      city: cities,
    },
    questions: [
      'My {service} parcel to {city} was {late} late. Do I get compensation?',
      'What is the refund for a {service} delivery to {city} that came {late} late?',
      'You delivered {late} late to {city}, I paid for {service}. What do I get back?',
      'Is there money back when {service} to {city} is {late} late?',
      'I paid {service} for {city} and it took {late} too long, I want a refund.',
      'How much compensation for a {service} parcel arriving {late} late in {city}?',
      'The {service} parcel for {city} is {late} late, will you pay?',
      '{late} late! That was a {service} shipment to {city}. What compensation is due?',
      'Can I claim something, my {service} delivery reached {city} {late} late?',
      'Do you refund {service} fees if {city} gets the parcel {late} late?',
      'Our {service} box came to {city} {late} late, please compensate us.',
      'Any money back for {late} of delay on {service} to {city}?',
      'Delay of {late}, {service}, {city}: what compensation do you pay?',
      'My {service} order for {city} took {late} longer than promised, is the fee returned?',
      'I am annoyed, {city} got my {service} parcel {late} later than promised.',
      'You were {late} behind with {service} to {city}. Compensation?',
      'What do customers get when {service} to {city} is {late} overdue?',
      '{service} shipment, {late} of delay, {city}. What is that worth to you?',
    ],
    golden: [
      'I am annoyed: {service} to {city}, and then {late} late. Any money back?',
      'What do customers receive for {late} of delay on {service} to {city}?',
      'Delay of {late} on a {service} order for {city}; what are you paying?',
      '{city} got my {service} shipment {late} later than promised. Compensation?',
      'Will the fee be returned? {service}, {city}, {late} overdue.',
      'So you were {late} behind with my {service} box to {city}, what is that worth?',
      'Which compensation applies to {city} when {service} runs {late} late?',
    ],
    answer: ({ service, late, city }) => {
      const due = {
        'next-day': 'the full fee back as compensation',
        express: 'compensation of half the fee',
        standard: 'no compensation, as its day is not guaranteed',
      }[service]!;
      return { text: `For ${service} to ${city} ${late} late we pay ${due}.`, topics: [due, service] };
    },
  }),
  intent({
    category: 'lost-parcel',
    document: 'missing-parcels.md',
    since: 1,
    slots: { role: [...asSender, 'I am the recipient', 'I ordered it'], city: cities },
    questions: [
      'Parcel {tracking} to {city} is lost. {role}. What happens now?',
      'I think {tracking} got lost on the way to {city}. {role}.',
      'No scan of {tracking} for a week, it was going to {city}. {role}.',
      '{role}: {tracking} for {city} has disappeared. What can you do?',
      'What happens if {tracking} is lost? Destination {city}. {role}.',
      '{tracking} is missing since last week on its way to {city}. {role}.',
      'Please find my lost parcel {tracking} for {city}. {role}.',
      'It looks like you lost {tracking} before {city}. {role}.',
      'How do I report {tracking} as lost? Going to {city}. {role}.',
      'Lost parcel {tracking}, address in {city}. {role}.',
      'Nine days without news of {tracking} to {city}, it must be lost. {role}.',
      'Has {tracking} gone missing? {city} was the destination. {role}.',
      '{tracking} never made it to {city}, I fear it is lost. {role}.',
      '{role}. {tracking} has not turned up in {city}, where is it?',
      'You seem to have mislaid {tracking}, it never came to {city}. {role}.',
      'My box {tracking} is nowhere to be found, {city} never saw it. {role}.',
      'Please start looking for {tracking}, lost somewhere near {city}. {role}.',
      '{role}. Who helps me when {tracking} is lost before {city}?',
    ],
    golden: [
      'Has {tracking} gone missing? It never made it to {city}. {role}.',
      '{role}. Two weeks now, {tracking} must be lost before {city}.',
      'I fear {tracking} got lost, {city} never saw it. {role}.',
      'Somewhere before {city} you seem to have mislaid {tracking}. {role}.',
      'Start looking for {tracking} please, lost near {city}. {role}.',
      'My box {tracking} is nowhere, {city} was the target. {role}.',
      'Who helps with {tracking}, lost between depot and {city}? {role}.',
    ],
    answer: ({ role, tracking, city }) =>
      asSender.includes(role)
        ? {
            text: `As the sender you get an investigation: we look for ${tracking} to ${city} and write in five working days.`,
            topics: [tracking, 'investigation', 'five working days'],
          }
        : {
            text: `As the recipient please ask the sender of ${tracking}: only they can start the investigation for ${city}.`,
            topics: [tracking, 'sender', 'investigation'],
          },
  }),
  intent({
    category: 'damaged-parcel',
    document: 'damage-claims.md',
    since: 1,
    slots: {
      item: ['vase', 'lamp', 'mirror', 'guitar', 'monitor', 'teapot', 'clock', 'picture frame', 'radio', 'printer'],
      when: [...inTime, 'ten days ago', 'two weeks ago', 'last month'],
    },
    questions: [
      'My {item} arrived broken {when}, parcel {tracking}.',
      'The {item} in {tracking} was damaged when it came {when}. How do I claim?',
      '{tracking} was delivered {when} and the {item} inside is smashed.',
      'I got {tracking} {when}, the {item} is cracked. What should I do?',
      'Damaged on arrival {when}: one {item}, {tracking}.',
      'How can I claim for a broken {item}? {tracking} came {when}.',
      'You delivered a damaged {item} {when}. Number {tracking}.',
      'Parcel {tracking} arrived {when} with a broken {item} in it.',
      'I would like to make a damage claim for my {item}, {tracking}, received {when}.',
      'Box {tracking} was crushed {when} and my {item} with it.',
      'The {item} from {tracking} does not work any more, it was damaged. It came {when}.',
      'My {item} is in pieces! {tracking} turned up {when}.',
      'I opened {tracking} and the {item} was destroyed. It came {when}.',
      'The driver dropped {tracking} {when} and now my {item} has a dent.',
      'Broken {item} in {tracking}, handed over {when}. Can I claim?',
      'My {item} reached me ruined {when}. The parcel is {tracking}.',
      'What do you need for a claim? The {item} from {tracking} broke, it came {when}.',
      'I found the {item} in bits when {tracking} arrived {when}.',
    ],
    golden: [
      'My poor {item}! {tracking} turned up {when} and everything is in pieces.',
      'Opened {tracking}, found the {item} damaged. It came {when}.',
      'Is a claim possible for a {item} that reached me broken {when} in {tracking}?',
      'Driver dropped {tracking} {when}; the {item} is broken now.',
      'What do you need from me? {item} destroyed, {tracking}, handed over {when}.',
      'There is a dent in the {item} I received {when}, see {tracking}.',
      '{when} a ruined {item} came out of {tracking}. How is that settled?',
    ],
    answer: ({ item, tracking, when }) =>
      inTime.includes(when)
        ? {
            text: `Your ${item} came ${when}, within 7 days: please send photos of it and the box for ${tracking}.`,
            topics: [item, 'photos', '7 days'],
          }
        : {
            text: `Your ${item} came ${when}, but claims close after 7 days, so ${tracking} is not covered.`,
            topics: [item, '7 days', 'not covered'],
          },
  }),
];
