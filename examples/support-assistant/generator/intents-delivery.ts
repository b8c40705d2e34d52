import { cities, intent, weekdays, workingDayAfter } from './intent.js';
import type { Intent } from './intent.js';

const afterCutoff = ['14:30', '15:10', '16:30', '17:05'];
const untouched = ['is not collected yet', 'has not left yet'];
const once = ['once', 'for the first time'];

/** Intents about getting a parcel to the door. */
export const deliveryIntents: readonly Intent[] = [
  intent({
    category: 'next-day-cutoff',
    document: 'delivery-times.md',
    since: 1,
    slots: {
      time: ['09:30', '11:40', '12:50', '13:20', ...afterCutoff],
      city: cities,
    },
    questions: [
      'If I book next-day delivery to {city} at {time}, will it arrive tomorrow?',
      'It is {time} now. Can I still get next-day to {city}?',
      'I want to order next-day for {city} at about {time}, is that early enough?',
      'Does a booking made at {time} still count for next-day to {city}?',
      'My next-day booking for {city} went in at {time}. When does it get there?',
      'Is {time} too late for next-day delivery to {city}?',
      'Hi, I can only book at {time}. Would a next-day parcel reach {city} tomorrow?',
      'We placed a next-day order to {city} at {time} today, is it in time?',
      'Next-day to {city}, booked at {time}: which day will they have it?',
      'Booking time {time}, destination {city}, next-day service. Will that work?',
      'Will I make the next-day cutoff for {city} with an order at {time}?',
      'Did I make the cutoff? Next-day to {city}, ordered at {time}.',
      'I paid for next-day at {time}, will {city} have it tomorrow?',
      'The label for my next-day box to {city} was made at {time}. Fine?',
      'Am I late with {time} for a next-day parcel to {city}?',
      'Next-day for {city}: the clock says {time}. Does it go out today?',
      'Should my colleague in {city} wait tomorrow? Next-day, finished at {time}.',
      'Could {city} get it tomorrow if I pay for next-day at {time}?',
    ],
    golden: [
      'I finished my order at {time}, it is next-day to {city}. Did I make it?',
      'Could somebody in {city} get my next-day box tomorrow when I pay at {time}?',
      'Am I late for next-day if the label to {city} is made at {time}?',
      'Next-day please! Clock says {time}, address is in {city}. Still fine?',
      'My colleague ordered next-day at {time}. Is tomorrow realistic for {city}?',
      'For {city} I would pay for next-day at {time}, does that go out today?',
      'Paid for next-day at {time}. Should the people in {city} wait in tomorrow?',
    ],
    answer: ({ time, city }) =>
      afterCutoff.includes(time)
        ? {
            text: `At ${time} you are past the 14:00 cutoff, so ${city} gets it the day after tomorrow.`,
            topics: ['14:00', 'day after tomorrow'],
          }
        : {
            text: `At ${time} you are before the 14:00 cutoff, so it reaches ${city} tomorrow.`,
            topics: ['14:00', 'tomorrow'],
          },
    general: {
      questions: [
        'When is the cutoff for next-day delivery?',
        'Until what time can I book next-day?',
        'What is your next-day cutoff time?',
        'Tell me the next-day cutoff please',
      ],
      answer: 'The next-day cutoff is 14:00: book before it and your parcel arrives on the next working day.',
    },
  }),
  intent({
    category: 'parcel-tracking',
    document: 'delivery-times.md',
    since: 1,
    slots: { service: ['express', 'standard'], city: cities, day: weekdays },
    questions: [
      'My {service} parcel {tracking} was scanned in {city} on {day}. When will it come?',
      'Where is {tracking}? It is {service} and left {city} on {day}.',
      'Tracking says {tracking} left {city} on {day}, {service} service. When do I get it?',
      'When can I expect {service} parcel {tracking}, last seen in {city} on {day}?',
      'I am waiting for {tracking}, sent {service} from {city} on {day}.',
      'Please track {tracking} for me, {service}, it departed {city} on {day}.',
      'The last scan of {tracking} is {city}, {day}. It was sent {service}. Which day will it be here?',
      'Any news on {tracking}? {service} delivery, handed over in {city} on {day}.',
      'How long until {tracking} arrives? It left the {city} depot on {day} by {service}.',
      'Status of {tracking} please, {service}, out of {city} since {day}.',
      'On {day} my {service} box {tracking} left {city}, what day does it arrive?',
      'When does my {service} shipment {tracking} arrive? It went through {city} on {day}.',
      'Looking for {tracking}, {service}. The {city} depot scanned it on {day}.',
      'I chose {service}. {tracking} departed from {city} on {day}, which day will I get it?',
      'Could you find parcel {tracking}? {day}, {city}, sent {service}.',
      'What is the delivery day of {tracking}? {service}, {city}, {day}.',
      'The shop told me {tracking} went out on {day} from {city} by {service}. Arrival?',
      '{service} order {tracking}: the page shows {city} on {day}. When do I stay home?',
    ],
    golden: [
      'A {service} shipment of mine, {tracking}, went through {city} on {day}. Arrival day?',
      'Could you find {tracking}? The {city} depot had it {day} and I paid {service}.',
      'Which day should I stay home for {tracking}? Departed {city} {day}, {service}.',
      'The page for {tracking} only shows {city} and {day}. I chose {service}, so when?',
      'Looking for {tracking} please: {service}, {city} scan, {day}.',
      'Shop says {tracking} went {service} from {city} on {day}. What is the delivery day?',
      'Do you know when {tracking} gets to me? {day}, {city}, {service}.',
    ],
    answer: ({ service, tracking, city, day }) => {
      const arrival = workingDayAfter(day, service === 'express' ? 1 : 2);
      const takes = service === 'express' ? 'one working day' : 'two working days';
      return {
        text: `${tracking} left ${city} on ${day} by ${service}, ${takes}: expect it on ${arrival}.`,
        topics: [tracking, arrival],
      };
    },
  }),
  intent({
    category: 'address-change',
    document: 'address-and-redelivery.md',
    since: 1,
    slots: {
      stage: [...untouched, 'was dispatched this morning', 'is already on its way'],
      city: cities,
    },
    questions: [
      'I need to change the address of {tracking} to {city}, it {stage}.',
      'Can you send {tracking} to {city} instead? It {stage}.',
      'Parcel {tracking} {stage}. How do I change the delivery address to {city}?',
      'Wrong address! {tracking} must go to {city}, and it {stage}.',
      'I moved to {city}. Can {tracking} follow me? It {stage}.',
      'My parcel {tracking} {stage}, please redirect it to {city}.',
      'How can I get {tracking} delivered in {city} instead of my old address? It {stage}.',
      'The address on {tracking} is wrong, it should be {city}. The parcel {stage}.',
      'Please update the address for {tracking}. New town: {city}. It {stage}.',
      'Is it possible to change where {tracking} goes? I want {city} and it {stage}.',
      'I typed the wrong address for {tracking}, it {stage}. The right one is in {city}.',
      'Can {city} be the new destination of {tracking}? It {stage}.',
      'I live in {city} now, but {tracking} has my old address. It {stage}.',
      'Please swap the address of {tracking}: {city} is correct. It {stage}.',
      'New flat, new address in {city}! My parcel {tracking} {stage}.',
      '{tracking} should go to {city}, the street is false. It {stage}.',
      'The shop has my old street. Send {tracking} to {city}? It {stage}.',
      'I need another destination for {tracking}, namely {city}. The box {stage}.',
    ],
    golden: [
      'Oops, {tracking} should really be going to {city}. It {stage}, what now?',
      'New flat, new address: {city}! What do I do with {tracking}? It {stage}.',
      'We need another address, {city}, for {tracking}. It {stage}.',
      'Is {city} still possible as the new address when {tracking} {stage}?',
      'The shop used my old address for {tracking}. It {stage}, and {city} is the new one.',
      'Swap the destination of {tracking} for {city}, would you? It {stage}.',
      'Somebody entered a false street for {tracking}; {city} is correct and it {stage}.',
    ],
    answer: ({ tracking, stage, city }) =>
      untouched.includes(stage)
        ? {
            text: `As it ${stage}, you can change ${tracking} to ${city} free of charge under My bookings.`,
            topics: [tracking, 'free', 'My bookings'],
          }
        : {
            text: `As it ${stage}, please contact support: we send ${tracking} on to ${city} for 4 pounds.`,
            topics: [tracking, 'contact', '4 pounds'],
          },
  }),
  intent({
    category: 'redelivery',
    document: 'address-and-redelivery.md',
    since: 1,
    slots: { times: [...once, 'twice', 'for the second time'], day: weekdays },
    questions: [
      'I missed the driver {times}. Can {tracking} come on {day}?',
      'Your driver did not find me {times}, please bring {tracking} on {day}.',
      'I was out {times} when {tracking} came. Is {day} possible?',
      'A card says you missed me {times}. I want {tracking} on {day}.',
      'I missed delivery of {tracking} {times}, could we try {day}?',
      'Nobody was home {times} for {tracking}, what about {day}?',
      'Please redeliver {tracking} on {day}, I missed it {times}.',
      'We were not in {times}. How do we get {tracking} on {day}?',
      'Delivery of {tracking} failed {times}. I am free on {day}.',
      'I have now missed {tracking} {times}, {day} would suit me.',
      'The bell did not ring {times} for {tracking}. Can I have it {day}?',
      'The courier left a card {times}, can I get {tracking} on {day}?',
      'I was at work {times} when {tracking} arrived. Would {day} suit you?',
      'I was away {times}. Please try {tracking} again on {day}.',
      'We missed {tracking} {times}. Next chance on {day}?',
      'My door was shut {times} when the courier came with {tracking}. {day} then?',
      'I am home all day on {day}. You missed me {times} with {tracking}.',
      'Another try for {tracking}, please, on {day}. I was asleep {times}.',
    ],
    golden: [
      'Sorry, I was at work {times} as {tracking} arrived. Does {day} suit you?',
      'You left a card {times} about {tracking}; I would like it {day}.',
      'You missed me with {tracking} {times}; I am home all {day}.',
      'The courier came {times} in vain with {tracking}. {day} then?',
      'Could I have another try for {tracking}, say {day}? I was away {times}.',
      'My door stayed shut {times} for {tracking}. Next chance {day}?',
      'I missed {tracking}, that happened {times}. How about {day}?',
    ],
    answer: ({ tracking, times, day }) =>
      once.includes(times)
        ? {
            text: `Missed ${times}, ${tracking} comes again on ${day}, and this second attempt is free.`,
            topics: [tracking, day, 'free'],
          }
        : {
            text: `Missed ${times}, ${tracking} waits at the depot: please collect it on ${day} with photo ID.`,
            topics: [tracking, 'depot', 'photo ID'],
          },
  }),
];
