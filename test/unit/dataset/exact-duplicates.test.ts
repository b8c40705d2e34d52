import { expect } from 'chai';
import { withoutExactDuplicates } from '../../../src/domain/dataset/exact-duplicates.js';
import { ticketRow } from './sample-tickets.js';

describe('withoutExactDuplicates', () => {
  it('keeps the best rated of rows with the same words, of equals the first', () => {
    const rows = [
      ticketRow({ ticket_id: 'a', rating: 3 }, 1),
      ticketRow({ ticket_id: 'b', rating: 5, customer_query: 'where is MY parcel, with number 4711, right now' }, 2),
      ticketRow({ ticket_id: 'c', rating: 5 }, 3),
      ticketRow({ ticket_id: 'd', customer_query: 'Where is my parcel with number 4712 right now?' }, 4),
    ];
    const { kept, letters } = withoutExactDuplicates(rows);
    expect(kept.map(({ ticket }) => ticket.ticket_id)).to.deep.equal(['b', 'd']);
    expect(letters.map(({ row, detail }) => [row, detail])).to.deep.equal([
      [1, 'same words as row 2 (ticket b)'],
      [3, 'same words as row 2 (ticket b)'],
    ]);
    expect(withoutExactDuplicates(kept)).to.deep.equal({ kept, letters: [] });
  });
});
