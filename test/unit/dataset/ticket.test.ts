import { expect } from 'chai';
import { parseTicket } from '../../../src/domain/dataset/ticket.js';
import { record, ticketRow } from './sample-tickets.js';

describe('parseTicket', () => {
  it('reads times, truths and empty optional columns', () => {
    const { ticket } = ticketRow({ created_at: '2026-03-31 14:05:00', resolved: 'Yes', rating: '', language: ' EN ' });
    expect(ticket).to.include({ created_at: '2026-03-31T14:05:00.000Z', resolved: true, rating: null, language: 'en' });
    expect(ticketRow({ created_at: '2026-03-31' }).ticket.created_at).to.equal('2026-03-31T00:00:00.000Z');
    expect(ticketRow({ created_at: '2026-03-31T14:05+02:00' }).ticket.created_at).to.equal('2026-03-31T12:05:00.000Z');
  });

  it('reads numbers and truths as JSON has them', () => {
    const { ticket } = ticketRow({ ticket_id: 17, resolved: true, rating: 4 });
    expect(ticket).to.include({ ticket_id: '17', resolved: true, rating: 4 });
  });

  const bad: [column: string, value: unknown, expected: string][] = [
    ['ticket_id', '  ', 'expected a value'],
    ['created_at', '31/03/2026', 'ISO 8601'],
    ['created_at', '2026-13-45', 'ISO 8601'],
    ['resolved', 'maybe', 'true or false'],
    ['rating', 'five', 'a number'],
    ['customer_query', 'x'.repeat(100_001), 'at most 100000 characters'],
  ];
  for (const [column, value, expected] of bad) {
    it(`makes a dead letter of ${column} "${String(value).slice(0, 12)}" that names row and column`, () => {
      const { letter } = parseTicket(record({ [column]: value }, 7));
      expect(letter).to.include({ row: 7, line: 8, reason: 'invalidRow', column });
      expect(letter?.detail).to.contain(expected).and.to.have.length.below(300);
      expect(letter?.record).to.have.property(column, value);
    });
  }
});
