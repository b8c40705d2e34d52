import { cities, intent, weekdays } from './intent.js';
import type { Intent } from './intent.js';

const prohibited = ['fireworks', 'petrol cans', 'gas cartridges', 'loose batteries'];
const adultsOnly = ['wine bottles', 'kitchen knives', 'razor blades'];
const early = ['is not picked up yet', 'is still waiting for the driver'];

/** Price class of a weight in whole kilograms, up to 20. */
function priceClass(kilograms: number): { upTo: number; standard: number; express: number } {
  if (kilograms <= 2) return { upTo: 2, standard: 4, express: 9 };
  if (kilograms <= 5) return { upTo: 5, standard: 6, express: 12 };
  if (kilograms <= 10) return { upTo: 10, standard: 9, express: 16 };
  return { upTo: 20, standard: 14, express: 24 };
}

/** Intents about what may be sent, what it costs and how it is booked. */
export const bookingIntents: readonly Intent[] = [
  intent({
    category: 'prohibited-items',
    document: 'prohibited-items.md',
    since: 1,
    slots: {
      items: [...prohibited, ...adultsOnly, 'books', 'candles', 'board games', 'toys'],
      city: cities,
    },
    questions: [
      'Can I send {items} to {city}?',
      'Are {items} allowed in a parcel to {city}?',
      'I want to ship {items} to {city}, is that permitted?',
      'Do you carry {items}? It would be for {city}.',
      'Is it fine to put {items} in my box for {city}?',
      'Are {items} on the prohibited list? I am sending to {city}.',
      'My parcel to {city} contains {items}. Is that okay?',
      'Would you accept {items} for delivery in {city}?',
      'Am I allowed to post {items} to {city} with SwiftRoute?',
      'May a parcel for {city} have {items} in it?',
      'A customer in {city} ordered {items}. Will you take them?',
      'Is there a rule against {items} in a parcel to {city}?',
      'Are {items} forbidden? I am mailing to {city}.',
      'We sell {items}. Can you bring them to {city}?',
      'Could {items} travel on your van to {city}?',
      'Must I leave {items} out of my parcel for {city}?',
      'Would {items} be a problem for a client in {city}?',
      '{items} to {city}: prohibited or allowed?',
    ],
    golden: [
      'Thinking of sending {items} to my aunt in {city}. Is it allowed?',
      'Would {items} be a problem on the van to {city}?',
      'We sell {items}. Could SwiftRoute bring them to a client in {city}?',
      'For {city}: {items}. Prohibited or not?',
      'Have {items} a place in a box to {city}, or are they prohibited?',
      'What about {items}, do they travel to {city}?',
      'Somebody told me {items} are forbidden. True for {city} as well?',
    ],
    answer: ({ items, city }) => {
      const named = items.charAt(0).toUpperCase() + items.slice(1);
      if (prohibited.includes(items))
        return { text: `${named} are prohibited, so we cannot carry them to ${city}.`, topics: ['prohibited', items] };
      if (adultsOnly.includes(items))
        return {
          text: `${named} may go to ${city}, but an adult must show ID and sign at the door.`,
          topics: ['adult', 'ID', items],
        };
      return { text: `${named} are welcome in ${city} too: please use a strong box.`, topics: ['strong box', items] };
    },
  }),
  intent({
    category: 'price-quote',
    document: 'prices.md',
    since: 1,
    slots: {
      kilograms: ['1', '2', '4', '5', '7', '10', '15', '20'],
      service: ['standard', 'express'],
      city: cities,
    },
    questions: [
      'How much is a {kilograms} kg parcel to {city} by {service}?',
      'What does it cost to send {kilograms} kg to {city}, {service}?',
      'Price for {kilograms} kg, {service}, to {city} please.',
      'I have a box of {kilograms} kg for {city}. What is the {service} price?',
      'Quote please: {service}, {kilograms} kg, {city}.',
      'What would {service} delivery of {kilograms} kg to {city} cost?',
      'Sending {kilograms} kg {service} to {city}, how many pounds is that?',
      'How expensive is {service} to {city} for {kilograms} kg?',
      'Can you give me a price? {kilograms} kg to {city}, {service} service.',
      'My parcel weighs {kilograms} kg and goes to {city} by {service}. Price?',
      'What do you charge for {kilograms} kg to {city} with {service}?',
      'The scales say {kilograms} kg, {service} to {city}. What will I pay?',
      'What is your rate for {city}, {service}, {kilograms} kg?',
      'Tell me the fee for a {service} box of {kilograms} kg to {city}.',
      'How many pounds for {service} to {city} with a weight of {kilograms} kg?',
      'Need a price: {city}, {kilograms} kg, {service}.',
    ],
    golden: [
      'The scales say {kilograms} kg. What will I pay for {service} to {city}?',
      'Need {kilograms} kg brought to {city}, {service} if the price is right. How much?',
      '{city}, {service}, {kilograms} kg: your price?',
      'Which fee applies for a {service} box of {kilograms} kg bound for {city}?',
      'Tell me the cost of {service} for a weight of {kilograms} kg, town {city}.',
      'I would send {kilograms} kg by {service}. What is it worth to get it to {city}?',
      'How many pounds for {city} when the {service} parcel is {kilograms} kg heavy?',
    ],
    answer: ({ kilograms, service, city }) => {
      const found = priceClass(Number(kilograms));
      const pounds = service === 'express' ? found.express : found.standard;
      return {
        text: `${kilograms} kg to ${city} by ${service}: ${pounds} pounds, the price up to ${found.upTo} kg.`,
        topics: [`${pounds} pounds`, `${found.upTo} kg`],
      };
    },
  }),
  intent({
    category: 'collection-booking',
    document: 'collections-and-drop-off.md',
    since: 1,
    slots: { part: ['morning', 'afternoon', 'evening'], day: weekdays, city: cities },
    questions: [
      'Can a driver collect my parcel in {city} on {day} {part}?',
      'I need a collection on {day} {part} from {city}.',
      'Please pick up two boxes in {city}, {day} {part}.',
      'Is a {day} {part} pickup in {city} possible?',
      'Could you collect from my office in {city} on {day} {part}?',
      'I want to book a collection in {city} for {day} {part}.',
      'Do you do {part} collections in {city}? I need {day}.',
      'When would the driver come to {city} for a {day} {part} pickup?',
      'Collection request: {city}, {day}, {part}.',
      'Our shop in {city} has parcels to pick up on {day} {part}.',
      'Can I have my parcel collected {day} {part}? I am in {city}.',
      'Could somebody fetch my parcel in {city} on {day} {part}?',
      'Send a van to {city} on {day} in the {part}, please.',
      'My returns in {city} are ready. Pick-up in the {part} of {day}?',
      'I am home in {city} on {day} {part}, would a courier stop by?',
      'Which hours do you have for a pick-up in {city}, {day} {part}?',
      'Have you a driver free for {city} on {day}, in the {part}?',
      'Arrange a pick-up at my {city} flat, {day} {part}.',
    ],
    golden: [
      'Somebody should fetch a parcel at my {city} flat, {day} {part} if you can.',
      '{day} {part} is when I am home in {city}. Would the van stop by?',
      'Send a van to {city}? My returns are ready {day} {part}.',
      'Arranging a pick-up: {part}, {day}, {city}. Which hours?',
      'Collect it from {city}, how about {day} in the {part}?',
      'My {city} warehouse hopes for a courier on {day}, in the {part}.',
      'Have you a driver free near {city} {day} {part} for one suitcase?',
    ],
    answer: ({ part, day, city }) =>
      part === 'evening'
        ? {
            text: `${day} evening is too late in ${city}, where the last collection ends at 17:00.`,
            topics: ['too late', '17:00'],
          }
        : {
            text: `${day} ${part}, from ${part === 'morning' ? '8:00 to 12:00' : '12:00 to 17:00'}, is fine: the driver comes to ${city} then.`,
            topics: [day, part === 'morning' ? '8:00' : '17:00'],
          },
  }),
  intent({
    category: 'cancellation',
    document: 'cancellations.md',
    since: 1,
    slots: { stage: [...early, 'was picked up today', 'is already in your van'], city: cities },
    questions: [
      'I want to cancel {tracking} from {city}, it {stage}.',
      'Please cancel my booking {tracking}. It {stage} in {city}.',
      'Can I cancel {tracking}? It {stage}, I am in {city}.',
      'How do I cancel {tracking} and get a refund? The parcel {stage} in {city}.',
      'My customer changed their mind. Cancel {tracking} please, it {stage}, {city}.',
      'I booked {tracking} by mistake in {city}, it {stage}.',
      'Do I get my money back if I cancel {tracking}? It {stage}. I live in {city}.',
      'Stop {tracking}! It {stage}, the pickup was in {city}.',
      'I do not need {tracking} any more. It {stage} in {city}. Cancel it?',
      'Cancellation of {tracking}, {city}: it {stage}.',
      'Is it too late to cancel {tracking}? It {stage} here in {city}.',
      'Please undo my order {tracking} from {city}, it {stage}.',
      'I changed my plans in {city}. Can {tracking} be called off? It {stage}.',
      '{tracking} is not needed any longer. It {stage} in {city}, please remove it.',
      'Call off {tracking}, {city}. It {stage}.',
      'My payment for {tracking}, do I get it back? I want to cancel, it {stage}, {city}.',
      'I ordered {tracking} double in {city}. It {stage}, take it back please.',
      'We would rather not send {tracking}. It {stage} at {city}, undo it?',
    ],
    golden: [
      'Changed my plans in {city}, so {tracking} can be cancelled. It {stage}.',
      'Could you undo the order {tracking}? {city} pickup, it {stage}.',
      'We would rather call off {tracking}. It {stage}; we are at {city}.',
      'What becomes of my payment if {tracking} is cancelled? It {stage}, {city}.',
      'In {city} I booked {tracking} twice. Cancel one of them please, as it {stage}.',
      'Buyer in trouble, so take back {tracking}: it {stage} at {city}.',
      'Can {tracking} still be called off in {city} when it {stage}?',
    ],
    answer: ({ tracking, stage, city }) =>
      early.includes(stage)
        ? {
            text: `As it ${stage}, you can cancel ${tracking} under My bookings and get the full price back.`,
            topics: [tracking, 'My bookings', 'full price'],
          }
        : {
            text: `As it ${stage}, ${tracking} cannot be cancelled, but we bring it back to ${city} for 6 pounds.`,
            topics: [tracking, 'cannot be cancelled', '6 pounds'],
          },
  }),
];
