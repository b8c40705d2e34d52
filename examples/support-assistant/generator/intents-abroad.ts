import { cities, intent, weekdays } from './intent.js';
import type { Intent } from './intent.js';

const europe = ['France', 'Spain', 'Italy', 'Poland', 'Austria', 'Norway'];
const world = ['Canada', 'Japan', 'Australia', 'Brazil', 'India', 'Mexico'];
const countries = [...europe, ...world];
const withoutPrinter = ['I have no printer', 'my printer is broken'];

/** Working days on the road, customs not counted. */
function daysAbroad(country: string, service: string): number {
  if (europe.includes(country)) return service === 'express' ? 2 : 4;
  return service === 'express' ? 5 : 9;
}

/** Intents of the second quarter about other countries, value, size and days off. */
export const abroadIntents: readonly Intent[] = [
  intent({
    category: 'customs-documents',
    document: 'international.md',
    since: 2,
    slots: { content: ['a gift', 'sold goods', 'documents'], country: countries },
    questions: [
      'Which customs papers do I need for {content} to {country}?',
      'I am sending {content} to {country}. What forms are required?',
      'Do I need a customs form for {content} to {country}?',
      'What documents go with {content} when shipping to {country}?',
      'Customs for {country}: it is {content}. What do I fill in?',
      'Parcel to {country} with {content}, what about customs?',
      'How do I declare {content} for {country}?',
      'Is there paperwork for {content} going to {country}?',
      'My parcel for {country} holds {content}. Which form must I print?',
      'What customs declaration does {country} want for {content}?',
      'Shipping {content} to {country}, please tell me the customs documents.',
      'What papers does the border of {country} want for {content}?',
      'Any declaration for {content} to {country}? First time I post abroad.',
      'Must I add a customs sheet for {content} to {country}?',
      'Which papers should be on the box with {content} for {country}?',
      'Help me with customs: {country}, {content}.',
    ],
    golden: [
      'The border worries me: {content} for a friend in {country}. Any customs papers?',
      'To get {content} through customs in {country}, which papers must I have?',
      'First time I post abroad, {country}, {content}. Customs sheet or none?',
      'Would the customs of {country} stop {content}? Which form should I add?',
      'Help me with the customs form please, {country} and {content}.',
    ],
    answer: ({ content, country }) => {
      const papers = {
        'a gift': 'form CN22 with contents and value',
        'sold goods': 'a commercial invoice in three copies and your EORI number',
        documents: 'no customs form, just the address',
      }[content]!;
      return { text: `For ${content} to ${country} you need ${papers}.`, topics: [papers] };
    },
  }),
  intent({
    category: 'international-time',
    document: 'international.md',
    since: 2,
    slots: { service: ['standard', 'express'], country: countries },
    questions: [
      'How long does {service} to {country} take?',
      'When would a {service} parcel arrive in {country}?',
      'Delivery time to {country} by {service} please.',
      'How many days is {service} shipping to {country}?',
      'I am posting to {country} with {service}. How many days?',
      'What is the transit time of {service} to {country}?',
      'Is {service} to {country} faster than a week?',
      'By {service}, how soon is my parcel in {country}?',
      'How many working days should I plan for {service} to {country}?',
      'If I send {service} today, when is it in {country}?',
      'Tell me the usual {service} time for {country}.',
      'How slow is {service} to {country}?',
      'Does {service} reach {country} this month?',
      'What duration should I count on for {service} to {country}?',
      'Days needed to {country} with {service}?',
      'A customer in {country} ordered by {service}. When does it arrive?',
    ],
    golden: [
      'My daughter lives in {country}; how many days does {service} need?',
      'Roughly how slow is {service} towards {country}?',
      'A birthday in {country} is near. Days needed with {service}?',
      '{country}, {service}: what duration can you promise?',
      'When should customers from {country} count on a {service} order?',
    ],
    answer: ({ service, country }) => ({
      text: `${country} is ${europe.includes(country) ? 'inside' : 'outside'} Europe: ${daysAbroad(country, service)} working days by ${service}.`,
      topics: [`${daysAbroad(country, service)} working days`, 'Europe'],
    }),
  }),
  intent({
    category: 'insurance',
    document: 'insurance.md',
    since: 2,
    slots: {
      item: ['camera', 'watch', 'laptop', 'violin', 'phone', 'ring', 'tablet', 'bicycle'],
      pounds: ['60', '80', '90', '200', '300', '450', '1500', '2000', '3000'],
    },
    questions: [
      'I want to insure a {item} worth {pounds} pounds.',
      'Is a {item} of {pounds} pounds insured?',
      'What does cover for a {item} worth {pounds} pounds cost?',
      'My {item} is worth {pounds} pounds. Do I need extra insurance?',
      'How do I insure my {item}? Value {pounds} pounds.',
      'Can you insure a {item} valued at {pounds} pounds?',
      'Sending a {item}, {pounds} pounds. Is it covered if lost?',
      'Insurance for a {item} worth {pounds} pounds please.',
      'Does the standard cover pay for a {item} of {pounds} pounds?',
      'I am shipping a {pounds} pounds {item}, what insurance is there?',
      'Which cover should I buy for my {item} worth {pounds} pounds?',
      'Are you liable for a {item} with a value of {pounds} pounds?',
      'Is there enough protection for a {item} that cost {pounds} pounds?',
      'I worry about theft of my {item}, it cost me {pounds} pounds. Cover?',
      'Who pays if a {item} of {pounds} pounds breaks?',
      'Please protect my {item} with a value of {pounds} pounds.',
      'Shall I add cover for a {item}? It cost {pounds} pounds.',
    ],
    golden: [
      'Lost or broken, is my {item} worth {pounds} pounds insured?',
      'A {item} worth {pounds} pounds: enough cover, or shall I add more?',
      'The {item} I am sending is worth {pounds} pounds. Which insurance is there?',
      'Up to which sum do you insure? My {item} is worth {pounds} pounds.',
      'Insure my {item}, please! It is worth {pounds} pounds.',
    ],
    answer: ({ item, pounds }) =>
      Number(pounds) <= 100
        ? {
            text: `A ${item} worth ${pounds} pounds is covered already: every parcel includes 100 pounds.`,
            topics: ['100 pounds', item],
          }
        : Number(pounds) <= 500
          ? {
              text: `A ${item} worth ${pounds} pounds needs extra cover for 5 pounds, added when you book.`,
              topics: ['5 pounds', item],
            }
          : {
              text: `A ${item} worth ${pounds} pounds is over our limit of 1000 pounds and cannot be insured.`,
              topics: ['1000 pounds', item],
            },
  }),
  intent({
    category: 'weekends-and-holidays',
    document: 'delivery-times.md',
    since: 2,
    slots: { day: ['Saturday', 'Sunday', 'Easter Monday', 'Boxing Day', 'New Year'], city: cities },
    questions: [
      'Do you deliver in {city} on {day}?',
      'Is {day} delivery possible in {city}?',
      'Will my parcel come on {day}? I live in {city}.',
      'I need it delivered on {day} in {city}.',
      'Are your drivers working in {city} on {day}?',
      'Can I have my box on {day}, address in {city}?',
      'Do parcels arrive in {city} on {day}?',
      'What about {day} delivery to {city}?',
      'Does SwiftRoute drive on {day} in {city}?',
      'Could you bring my parcel to {city} on {day}?',
      'I am only home on {day} in {city}, do you deliver then?',
      'Are you closed on {day} in {city}?',
      'Would goods come to our {city} store on {day}?',
      'Should I wait for the courier in {city} this {day}?',
      'Any chance of a delivery in {city} on {day}?',
      'Can the courier come on {day}? We are in {city}.',
      '{day} suits me best, do you deliver to {city} then?',
    ],
    golden: [
      'We open our {city} store on {day}. Would goods come that day?',
      'A delivery on {day} suits me best, {city}. Any chance?',
      'Should I expect the driver in {city} this {day}?',
      'Are your drivers off on {day}, or does {city} still get its parcels?',
      'Party in {city} on {day}: can you deliver my parcel then?',
    ],
    answer: ({ day, city }) =>
      day === 'Saturday'
        ? {
            text: `On Saturday we deliver in ${city} for 5 pounds extra, booked by Friday 14:00.`,
            topics: ['5 pounds'],
          }
        : day === 'Sunday'
          ? { text: `On Sunday our drivers in ${city} rest: your parcel comes on Monday instead.`, topics: ['Monday'] }
          : {
              text: `On ${day}, a bank holiday, we do not deliver: ${city} follows the next working day.`,
              topics: ['bank holiday', 'next working day'],
            },
  }),
  intent({
    category: 'parcel-shop',
    document: 'collections-and-drop-off.md',
    since: 2,
    slots: {
      label: [...withoutPrinter, 'my label is printed', 'the label is on the box'],
      day: weekdays,
      city: cities,
    },
    questions: [
      'Where can I drop off a parcel in {city} on {day}? By the way, {label}.',
      'I want to hand in a parcel at a shop in {city} on {day}, {label}.',
      'Drop-off in {city} on {day}: {label}. How does it work?',
      'Can I bring my parcel to a shop in {city} on {day}? Note that {label}.',
      'Until when can I drop my box in {city} on {day}? And {label}.',
      'Parcel shop {city}, {day}: {label}, is that fine?',
      'I would rather drop it at a parcel shop in {city} on {day}; {label}.',
      'What do I need at the {city} parcel shop on {day}? So far {label}.',
      'I am dropping off in {city} on {day} and {label}.',
      'Are the drop-off points in {city} open on {day}? Also {label}.',
      'How do I leave a parcel with a shop in {city} on {day} when {label}?',
      'Which shop in {city} takes my parcel on {day}? Just so you know, {label}.',
      'I go to a drop-off point in {city} on {day}, and {label}. What next?',
      'I am handing over a return in {city} on {day}; {label}.',
      'Is a counter in {city} open {day} for drop-off? {label}, by the way.',
      'Walking into a shop in {city} with my parcel on {day}: {label}. Enough?',
    ],
    golden: [
      'No time to wait, so I drop it off at a {city} shop {day}; {label}.',
      'Which place in {city} takes parcels on {day}? One thing: {label}.',
      '{day}, {city}, drop-off point: {label}. What next?',
      'Handing in my return at a parcel shop, {city}, this {day}; {label}.',
      'Is walking into a {city} shop on {day} enough if {label}?',
    ],
    answer: ({ label, day, city }) =>
      withoutPrinter.includes(label)
        ? {
            text: `Without a printer just show the QR code on ${day}: any parcel shop in ${city} prints your label.`,
            topics: ['QR code', 'print'],
          }
        : {
            text: `With your label on it, hand it in by 19:00 on ${day} at any ${city} parcel shop.`,
            topics: ['19:00', 'parcel shop'],
          },
  }),
  intent({
    category: 'oversize',
    document: 'prices.md',
    since: 2,
    slots: {
      centimetres: ['80', '95', '110', '150', '170', '190', '230', '250', '280'],
      item: ['rug', 'ski bag', 'shelf', 'surfboard', 'curtain rail', 'tent', 'fishing rod', 'tabletop'],
    },
    questions: [
      'My {item} is {centimetres} cm long. Can you take it?',
      'Do you carry a {item} of {centimetres} cm?',
      'Is {centimetres} cm too long for a {item}?',
      'What does it cost extra to send a {item} of {centimetres} cm?',
      'I want to ship a {item}, length {centimetres} cm. Oversize?',
      'Maximum length? My {item} measures {centimetres} cm.',
      'Can I send a {centimetres} cm {item} with you?',
      'There is a {item} of {centimetres} cm to send, is there a surcharge?',
      'Length {centimetres} cm, it is a {item}. Do you accept that?',
      'Would a {item} with {centimetres} cm count as oversize?',
      'How do I book a {item} that is {centimetres} cm long?',
      'Will my {item} fit? It has {centimetres} cm.',
      'I measured the {item}, it is {centimetres} cm. A normal parcel?',
      'Is the size of a {item} with {centimetres} cm a problem?',
      'Is there a surcharge for a big {item}, {centimetres} cm from end to end?',
      'My {item} cannot be folded and has {centimetres} cm. Okay?',
      'Does a {centimetres} cm {item} fit in your van?',
    ],
    golden: [
      'Will a {item} fit in your van? From end to end it has {centimetres} cm.',
      'Measured the {item}: {centimetres} cm. Normal parcel or not?',
      'Any problem with the length of a {item}, {centimetres} cm?',
      'I hope {centimetres} cm is not too long for my {item}?',
      'Surcharge for a long {item}, say {centimetres} cm?',
    ],
    answer: ({ centimetres, item }) =>
      Number(centimetres) <= 120
        ? {
            text: `A ${item} of ${centimetres} cm is a normal parcel at the normal price, being under 120 cm.`,
            topics: ['120 cm', 'normal price'],
          }
        : Number(centimetres) <= 200
          ? {
              text: `A ${item} of ${centimetres} cm is oversize, and we take it for a surcharge of 15 pounds.`,
              topics: ['oversize', '15 pounds'],
            }
          : {
              text: `A ${item} of ${centimetres} cm is too long: we carry up to 200 cm only.`,
              topics: ['too long', '200 cm'],
            },
  }),
];
