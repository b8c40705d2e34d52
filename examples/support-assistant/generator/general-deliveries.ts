import type { GeneralQuestion } from './general-question.js';

/** What customers ask in general about deliveries, answered in the words of the policies. */
export const generalDeliveries: readonly GeneralQuestion[] = [
  {
    category: 'next-day-cutoff',
    questions: [
      'When do I have to book at the latest to get next-day?',
      'Up to what hour can next-day be ordered?',
      'How late may I order for tomorrow?',
      'Is there a deadline for next-day bookings?',
      'By when must a next-day order be in?',
    ],
    answer: 'The next-day cutoff is 14:00. A booking from 14:00 on travels a day later.',
  },
  {
    category: 'parcel-tracking',
    questions: [
      'How many days does express take?',
      'How fast is your express service?',
      'When does an express parcel arrive?',
      'What do you promise for express?',
      'How long is an express parcel on its way?',
    ],
    answer: 'Express arrives one working day after the parcel has left the depot.',
  },
  {
    category: 'parcel-tracking',
    questions: [
      'How long does standard take?',
      'When does a standard parcel arrive?',
      'How many days do I wait with standard?',
      'Is the day guaranteed with standard?',
    ],
    answer: 'Standard arrives two working days after the parcel has left the depot, and its day is not guaranteed.',
  },
  {
    category: 'weekends-and-holidays',
    questions: [
      'Do you deliver on Saturdays?',
      'What does it cost to get a parcel on a Saturday?',
      'How do I book a Saturday delivery?',
      'Until when can Saturday be booked?',
    ],
    answer: 'Saturday delivery costs 5 pounds extra and must be booked by Friday 14:00.',
  },
  {
    category: 'weekends-and-holidays',
    questions: [
      'Do drivers work on Sundays?',
      'Can a parcel come on Sunday?',
      'What happens to parcels on a Sunday?',
      'Will anybody bring my box at the weekend, on Sunday?',
    ],
    answer: 'Drivers rest on Sundays: what would come then comes on Monday.',
  },
  {
    category: 'weekends-and-holidays',
    questions: [
      'Do you work on bank holidays?',
      'Is there delivery on Easter Monday?',
      'What about parcels at New Year?',
      'Do parcels come on public holidays?',
    ],
    answer: 'There is no delivery on bank holidays; it follows on the next working day.',
  },
  {
    category: 'address-change',
    questions: [
      'How do I correct the address of a parcel?',
      'I would like my parcel to go somewhere else. Is that possible?',
      'Is it possible to redirect a parcel?',
      'What do I do when I gave the wrong address?',
      'Could you deliver to another address than I booked?',
      'I am moving. How do I get my parcel to the new place?',
      'My parcel goes to the wrong street. What now?',
    ],
    answer:
      'Before collection: by the sender, free of charge, under My bookings. After dispatch: only by contact with support.',
  },
  {
    category: 'address-change',
    questions: [
      'Who can change the address after dispatch?',
      'The parcel has left already. How do I send it to another town?',
      'What does it cost to send a dispatched parcel on?',
      'How much is it to redirect a parcel that is on its way?',
    ],
    answer: 'After dispatch: only by contact with support. Sending the parcel on to another town costs 4 pounds.',
  },
  {
    category: 'redelivery',
    questions: [
      'How often do you try to deliver?',
      'What happens when nobody is at home?',
      'How many delivery attempts are included?',
      'Will you come again if I miss the driver?',
      'Does a second attempt cost anything?',
    ],
    answer: "Two delivery attempts are included: the second is free, on a working day of the recipient's choice.",
  },
  {
    category: 'redelivery',
    questions: [
      'Where does my parcel go after two attempts?',
      'What do I need to pick a parcel up at the depot?',
      'How do I get a parcel that you could not deliver twice?',
    ],
    answer: 'After two attempts the parcel stays at the depot, where it is handed out against photo ID.',
  },
  {
    category: 'safe-place',
    questions: [
      'May a driver leave my parcel outside?',
      'Can parcels be put into the shed?',
      'Do you leave parcels in a safe place?',
      'Can you leave things in my garage?',
    ],
    answer: 'A driver may leave a parcel in a place that the recipient names and sends a photo of it.',
  },
  {
    category: 'safe-place',
    questions: [
      'Can a signed-for parcel be left on the porch?',
      'Do I have to be in for a signed-for parcel?',
      'Is a parcel that needs a signature ever left outside?',
    ],
    answer: 'A signed-for parcel needs somebody at the door and is never left.',
  },
  {
    category: 'lost-parcel',
    questions: [
      'What do you do about lost parcels?',
      'A parcel that I sent got lost. What comes next?',
      'How do I report a lost parcel?',
      'My parcel never arrived anywhere. What will you do?',
      'What is the procedure for parcels that go missing on the way?',
      'Who looks for a parcel that disappeared?',
      'My parcel seems to be lost, what now?',
    ],
    answer: 'The sender reports the loss; support opens an investigation and writes within five working days.',
  },
  {
    category: 'lost-parcel',
    questions: [
      'I wait for a parcel that is lost. Can I report it as the recipient?',
      'Can a recipient report a loss?',
      'Who can start an investigation into a lost parcel?',
    ],
    answer: 'Recipients turn to their sender: only the sender can start the investigation.',
  },
  {
    category: 'delivered-not-received',
    questions: [
      'The page says delivered, but there is no parcel. What should I do?',
      'What if a parcel is shown as delivered and I do not have it?',
      'Delivered, they say, but I got nothing. What now?',
      'My parcel counts as delivered and is not here.',
    ],
    answer:
      'Ask the neighbours first. Not found by the next day, support starts an investigation and answers within two working days.',
  },
  {
    category: 'late-compensation',
    questions: [
      'What do I get back when next-day is late?',
      'What is paid for a late next-day parcel?',
      'Is there compensation if a next-day parcel comes late?',
    ],
    answer: 'For a late next-day parcel we pay the full delivery fee.',
  },
  {
    category: 'late-compensation',
    questions: [
      'Is there money back for late express parcels?',
      'What is paid when express comes late?',
      'What compensation do I get for a late express delivery?',
    ],
    answer: 'For a late express parcel we pay half the delivery fee.',
  },
];
