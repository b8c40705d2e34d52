import { cities, intent, weekdays } from './intent.js';
import type { Intent } from './intent.js';

const companies = ['Oakline', 'Bluefin', 'Northgate', 'Papermill', 'Greenleaf', 'Redbrick', 'Silverton', 'Westbay'];
const months = ['January', 'February', 'March', 'April', 'May', 'June'];
const unsafe = ['drove too fast', 'ran a red light', 'nearly hit a cyclist'];
const places = ['shed', 'porch', 'garage', 'greenhouse', 'carport', 'log store'];
const signedFor = 'a signed-for parcel';
const unreadable = ['will not print', 'came out blank', 'is torn'];

/** Intents of the second quarter about accounts, complaints and papers. */
export const accountIntents: readonly Intent[] = [
  intent({
    category: 'invoice',
    document: 'business.md',
    since: 2,
    slots: {
      need: ['a copy of the invoice', 'the VAT invoice', 'a new name on the invoice', 'a corrected invoice'],
      month: months,
      company: companies,
    },
    questions: [
      '{company} needs {need} for {month}.',
      'Hello, we need {need} for {month}. Company: {company}.',
      'Please send {need} for {month} to {company}.',
      'How do I get {need} for {month}? I work for {company}.',
      'Our accountant at {company} asks for {need}, {month}.',
      'I am missing something for {company}: {need}, {month}.',
      'Could {company} have {need} of {month}?',
      'Invoice question from {company}: we want {need} for {month}.',
      'For {month} we would like {need}, {company}.',
      'It is {company} here. Is {need} for {month} possible?',
      'Accounts department of {company}: {need} for {month} please.',
      'We at {company} still lack {need} of {month}.',
      'My boss wants {need} for {month}, company {company}.',
      'Who can arrange {need}? {company}, {month}.',
      'It is tax time, {company} is looking for {need} regarding {month}.',
      'Could you help {company} with {need} from {month}?',
    ],
    golden: [
      'Tax time at {company}! We still lack {need}, month of {month}.',
      'Who can help {company} with {need}? It concerns {month}.',
      'My boss at {company} needs {need}, it is about {month}.',
      'The accountant of {company} is missing one thing: {month}, {need}.',
      'About {month}: would you send {need} to us at {company}?',
    ],
    answer: ({ need, month, company }) =>
      need.startsWith('a copy') || need.includes('VAT')
        ? {
            text: `${company} gets the VAT invoice for ${month} by email within two working days.`,
            topics: [month, company, 'two working days'],
          }
        : {
            text: `${company} gets a corrected ${month} invoice and a credit note; please send us the right details.`,
            topics: [month, company, 'credit note'],
          },
  }),
  intent({
    category: 'business-account',
    document: 'business.md',
    since: 2,
    slots: { count: ['12', '20', '25', '40', '60', '80', '150', '200', '300'], company: companies },
    questions: [
      '{company} sends {count} parcels a month. Do we get a discount?',
      'We ship {count} parcels a month at {company}, is there a business account?',
      'Can {company} open a business account with {count} parcels a month?',
      'What discount does {company} get for {count} parcels a month?',
      'Business account for {company}, about {count} parcels a month.',
      'How do we become a business customer? {company}, {count} parcels a month.',
      'We are {company} and post {count} parcels a month. What can you offer?',
      '{count} parcels a month from {company}: any better price?',
      'Is {count} parcels a month enough for a business account? {company} here.',
      'I run {company} and send {count} parcels a month, are there rebates?',
      'Please open an account for {company}, volume {count} parcels a month.',
      'Each month {count} boxes leave {company}. Do you have cheaper rates?',
      'Monthly volume of {company}: {count}. Which terms do we get?',
      'Our firm {company} has {count} shipments monthly, percent off?',
      '{company} wants a contract with {count} orders per month. Terms?',
      'Can a shop like {company} save with {count} parcels every month?',
    ],
    golden: [
      'Our firm {company} grew to {count} parcels a month. Cheaper prices now?',
      'Volume {count} parcels a month, name {company}. Which discount do you give?',
      'Could {company} get a discount? We post {count} parcels a month, sometimes more.',
      '{company} wants a business contract, {count} parcels a month. Percent off?',
      'Do shops like {company} with {count} parcels a month pay the full price?',
    ],
    answer: ({ count, company }) =>
      Number(count) < 30
        ? {
            text: `With ${count} parcels a month ${company} pays normal prices: a business account starts at 30.`,
            topics: ['normal prices', '30'],
          }
        : {
            text: `With ${count} parcels a month ${company} gets a business account and ${Number(count) < 100 ? 5 : 10} percent off.`,
            topics: [`${Number(count) < 100 ? 5 : 10} percent`, company],
          },
  }),
  intent({
    category: 'driver-complaint',
    document: 'complaints-and-proof.md',
    since: 2,
    slots: {
      matter: [...unsafe, 'was rude', 'threw the box', 'blocked the driveway'],
      day: weekdays,
      city: cities,
    },
    questions: [
      'Your driver {matter} in {city} on {day}. I want to complain.',
      'I have a complaint: on {day} the driver in {city} {matter}.',
      'The courier {matter} on {day}, {city}. This is not okay.',
      'Complaint about a driver in {city}, who {matter} on {day}.',
      'On {day} your man {matter} here in {city}.',
      'Who do I tell that a driver {matter}? {city}, {day}.',
      'I am angry. The driver {matter} on {day} in {city}.',
      'Please speak with your driver in {city}, he {matter} on {day}.',
      'A SwiftRoute driver {matter} on {day} in {city}!',
      'Reporting a driver: {city}, {day}, he {matter}.',
      'How do I complain about the {city} driver? She {matter} on {day}.',
      'The person with my parcel {matter}, {city}, {day}. Never again!',
      'Whoever drove your van in {city} on {day} {matter}.',
      'May I speak to a manager? A courier {matter} in {city} on {day}.',
      'It upset me that your delivery man {matter} on {day} in {city}.',
      'One of your drivers {matter}, it was {day} in {city}.',
    ],
    golden: [
      'I complain! {day}, {city}: the driver {matter}.',
      'It upset me that your driver {matter} ({city}, {day}).',
      'One of your vans was in {city} {day} and whoever drove it {matter}.',
      'Can I complain about someone? The {city} driver {matter} this {day}.',
      'What do you do about drivers when one {matter}? It was {day} in {city}.',
    ],
    answer: ({ matter, day, city }) =>
      unsafe.includes(matter)
        ? {
            text: `Sorry that a driver ${matter} in ${city} on ${day}: our safety team looks into it today.`,
            topics: ['safety team', city],
          }
        : {
            text: `Sorry that a driver ${matter} in ${city} on ${day}: the depot manager will call you tomorrow.`,
            topics: ['depot manager', city],
          },
  }),
  intent({
    category: 'proof-of-delivery',
    document: 'complaints-and-proof.md',
    since: 2,
    slots: { proof: ['the signature', 'the doorstep photo'], day: weekdays },
    questions: [
      'Where do I find {proof} of {tracking}, delivered on {day}?',
      'I need {proof} for {tracking} from {day}.',
      'Please send me {proof} for {tracking}. Delivered {day}.',
      'Can I see {proof} of {tracking}? It came on {day}.',
      'My buyer wants proof: {proof} for {tracking}, {day}.',
      'How do I download {proof} of {tracking}, {day}?',
      'Proof of delivery for {tracking} please, {proof}, from {day}.',
      'Is {proof} for {tracking} available? Delivery was {day}.',
      'Do you have {proof} of parcel {tracking} delivered {day}?',
      'I am looking for {proof} belonging to {tracking}, {day}.',
      'Show me {proof} from {day}, parcel {tracking}.',
      'My bank asks for {proof} of {tracking}, {day}.',
      'A customer denies delivery of {tracking} on {day}. Is there {proof}?',
      'Where is {proof} kept for {tracking} from {day}?',
      'I have to prove that {tracking} was handed over on {day}: {proof} please.',
      'For my records I want {proof} of {tracking}, {day}.',
    ],
    golden: [
      'Customer wants proof of {tracking}, delivered {day}; {proof} would do.',
      'For my records: {proof}, {tracking}, {day}. Where is it kept?',
      'Was {proof} taken on {day} when {tracking} was handed over? May I have it?',
      'The bank needs {proof} of {tracking} ({day}). Where is it?',
      'I must prove delivery of {tracking}, {day}, so show me {proof} please.',
    ],
    answer: ({ proof, tracking, day }) =>
      proof === 'the signature'
        ? {
            text: `The signature for ${tracking} from ${day} is in your account under Proof and stays 90 days.`,
            topics: [tracking, 'Proof', '90 days'],
          }
        : {
            text: `You can see the doorstep photo of ${tracking} from ${day} on its tracking page for 30 days.`,
            topics: [tracking, 'tracking page', '30 days'],
          },
  }),
  intent({
    category: 'safe-place',
    document: 'address-and-redelivery.md',
    since: 2,
    slots: { kind: [signedFor, 'a normal parcel'], place: places },
    questions: [
      'Please leave {tracking} in my {place}, it is {kind}.',
      'Can the driver put {tracking} in the {place}? It is {kind}.',
      'I am not home. Leave {tracking} in the {place}; it is {kind}.',
      'My safe place is the {place}. Parcel {tracking}, {kind}.',
      'Could {tracking} go in the {place} if I am out? It is {kind}.',
      'Safe place for {tracking} ({kind}): the {place} please.',
      'Is it possible to leave {tracking}, {kind}, in our {place}?',
      'Tell the driver to use the {place} for {tracking}, which is {kind}.',
      'Nobody is in tomorrow, so put {tracking} in the {place}. It is {kind}.',
      'I want {tracking} left in the {place}. It is {kind}.',
      'Would you drop {tracking} in my {place}? The parcel is {kind}.',
      'May {tracking} wait in the {place} while I am at work? It is {kind}.',
      'Our {place} is open and dry, use it for {tracking}. It is {kind}.',
      'Are drivers allowed to hide {tracking} in the {place}? It is {kind}.',
      '{tracking} is {kind}. Could it be placed in the {place}?',
      'I am at work. {tracking} ({kind}) can wait in my {place}.',
    ],
    golden: [
      'The {place} is open all day, so {tracking} could wait there. It is {kind}.',
      'When I am out, may {tracking} be left in the {place}, {kind} as it is?',
      'Leave {tracking} in the {place} for me? It is {kind}, I think.',
      '{tracking} is {kind}. Our {place} is dry, leave it there please.',
      'Are drivers allowed to use a {place}? I mean {tracking}, which is {kind}.',
    ],
    answer: ({ kind, tracking, place }) =>
      kind === signedFor
        ? {
            text: `Signed-for parcel ${tracking} cannot wait in your ${place}: somebody must be in.`,
            topics: [tracking, 'signed-for'],
          }
        : {
            text: `Normal parcel ${tracking} can wait in your ${place}; you get a photo from the driver.`,
            topics: [tracking, place, 'photo'],
          },
  }),
  intent({
    category: 'label-problem',
    document: 'collections-and-drop-off.md',
    since: 2,
    slots: {
      problem: [...unreadable, 'has the wrong postcode', 'shows a wrong name', 'has an old address'],
      city: cities,
    },
    questions: [
      'The label of {tracking} {problem}. I am in {city}.',
      'My label for {tracking} to {city} {problem}, what now?',
      'Label problem: {tracking}, {city}, it {problem}.',
      'Help, the shipping label {tracking} {problem}. Parcel for {city}.',
      'I have a label that {problem}: {tracking}, going to {city}.',
      'What if my label {problem}? It is {tracking}, {city}.',
      'The label you sent for {tracking} {problem}, {city} is my town.',
      'Can you fix the label of {tracking}? It {problem}. {city}.',
      '{tracking}: the label {problem}. How do I send my box from {city}?',
      'I made label {tracking} in {city} and it {problem}.',
      'Our label {tracking} {problem}. We are at {city}.',
      'The sticker for {tracking} {problem}. We are in {city}.',
      'I need a new sticker, the one of {tracking} {problem}. {city}.',
      'Trouble with the label I bought: {tracking} to {city}, it {problem}.',
      'Is a new label possible? {tracking} from {city} {problem}.',
      '{tracking} cannot go out, its label {problem}. What can I do in {city}?',
    ],
    golden: [
      'The label on {tracking} is useless, it {problem}. Any shop in {city}?',
      'Something is off with the label I bought, {tracking}: it {problem}. ({city})',
      'A new label for {tracking} please, this one {problem}. {city} here.',
      'Trouble in {city}! {tracking} cannot go out because its label {problem}.',
      'How is a label repaired that {problem}? {tracking}, bound for {city}.',
    ],
    answer: ({ problem, tracking, city }) =>
      unreadable.includes(problem)
        ? {
            text: `As the label ${problem}, open ${tracking} again as a PDF or print it in a ${city} parcel shop.`,
            topics: [tracking, 'PDF', 'parcel shop'],
          }
        : {
            text: `As the label ${problem}, please cancel ${tracking} and book a new one for ${city}.`,
            topics: [tracking, 'cancel', 'book a new'],
          },
  }),
];
