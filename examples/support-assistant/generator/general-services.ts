import type { GeneralQuestion } from './general-question.js';

/** What the desk says where no policy holds the answer, in the words of `retrieval.otherwise`. */
const notGiven = 'That is not in the information given.';

/** The same about claims, bookings and accounts, and what no policy answers. */
export const generalServices: readonly GeneralQuestion[] = [
  {
    category: 'damaged-parcel',
    questions: [
      'How do I claim for damage?',
      'How long do I have to report damage?',
      'What do you need for a damage claim?',
      'Until when must a claim arrive?',
      'Something broke on the way. How do I make a claim?',
    ],
    answer:
      'A claim must arrive within 7 days of delivery. It needs photos of the item and of the box, and the parcel number.',
  },
  {
    category: 'insurance',
    questions: [
      'How much cover does a parcel have?',
      'Is my parcel insured?',
      'What cover is included?',
      'For how much are parcels insured?',
    ],
    answer: 'Every parcel includes cover of 100 pounds.',
  },
  {
    category: 'insurance',
    questions: [
      'What does it cost to insure 400 pounds?',
      'How much is extra cover up to 500 pounds?',
      'How do I insure goods worth 300 pounds?',
    ],
    answer: 'Up to 500 pounds: extra cover for 5 pounds, added when booking.',
  },
  {
    category: 'cancellation',
    questions: [
      'Can a booking be cancelled?',
      'How do I cancel?',
      'Do I get my money back if I cancel before collection?',
      'How soon is a cancelled booking paid back?',
    ],
    answer: 'Before collection: under My bookings; the full price comes back within five days.',
  },
  {
    category: 'cancellation',
    questions: [
      'Can I cancel a parcel that was collected?',
      'The parcel is with you already. Can I still cancel?',
      'How do I get a collected parcel back?',
    ],
    answer:
      "After collection a booking can't be cancelled. The parcel can be brought back to the sender's town for 6 pounds.",
  },
  {
    category: 'collection-booking',
    questions: [
      'When do drivers collect?',
      'Between which hours are parcels collected?',
      'Can you collect in the evening?',
      'Do you have evening collections?',
    ],
    answer:
      'Drivers collect on working days, in the morning from 8:00 to 12:00 or in the afternoon from 12:00 to 17:00.',
  },
  {
    category: 'parcel-shop',
    questions: [
      'Until when are parcel shops open for parcels?',
      'How late can I drop a parcel off?',
      'Can I hand a parcel in without a printer?',
      'I cannot print. How do I drop off my parcel?',
    ],
    answer: 'Parcel shops take labelled parcels until 19:00. Without a printer, the QR code is enough.',
  },
  {
    category: 'label-problem',
    questions: [
      'Can I edit a label?',
      'What do I do with a wrong name on the label?',
      'How do I mend a wrong postcode on a label?',
    ],
    answer: "A label can't be edited: one with a wrong name, address or postcode is cancelled and booked anew.",
  },
  {
    category: 'driver-complaint',
    questions: [
      'How do I complain about a driver?',
      'Where do complaints about drivers go?',
      'Who calls me after a complaint?',
    ],
    answer: 'A complaint about a driver goes to the depot manager, who calls the customer the next day.',
  },
  {
    category: 'proof-of-delivery',
    questions: [
      'How long do you keep signatures?',
      'Where do I find a signature?',
      'Where is the proof that a parcel was delivered?',
    ],
    answer: "Signatures are kept for 90 days, in the sender's account under Proof.",
  },
  {
    category: 'business-account',
    questions: [
      'From how many parcels can I open a business account?',
      'What discount does a business account have?',
      'When do I get 10 percent off?',
    ],
    answer: 'A business account starts at 30 parcels a month: 5 percent off, from 100 parcels a month 10 percent.',
  },
  {
    category: 'invoice',
    questions: ['How do I get a VAT invoice?', 'When is an invoice sent?', 'How soon do I get a copy of an invoice?'],
    answer: 'VAT invoices and copies of them are emailed within two working days.',
  },
  {
    category: 'oversize',
    questions: ['How long may a parcel be?', 'What does oversize cost?', 'Is there a surcharge for long parcels?'],
    answer: 'Up to 200 cm: oversize, a surcharge of 15 pounds. Longer: not carried.',
  },
  {
    category: 'not-given',
    questions: [
      'Can I pay for a parcel with a gift card?',
      'How many drivers work for you?',
      'Do you deliver pianos by helicopter?',
      'Which colour do your vans have?',
      'Are you hiring drivers at the moment?',
      'What is the phone number of your director?',
      'Can my dog travel in a parcel van?',
      'Do you rent out storage rooms?',
      'Is there a discount for students?',
      'Do you plant trees for parcels?',
    ],
    answer: notGiven,
  },
];
