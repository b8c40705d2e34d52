/** What the support assistant must know from its policies: question, fact and the document that holds it. No ticket asks so. */
export const contractQuestions: readonly (readonly [question: string, fact: string, document: string])[] = [
  ['What is your next-day delivery cutoff time?', '14:00', 'policies/delivery-times.md'],
  ['What happens if my parcel is lost?', 'investigation', 'policies/missing-parcels.md'],
  ['Can I change my delivery address?', 'contact', 'policies/address-and-redelivery.md'],
];
