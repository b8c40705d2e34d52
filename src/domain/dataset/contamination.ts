import { DataProblem } from './data-problem.js';
import type { DeadLetter } from './dead-letter.js';
import type { GoldenCase } from './golden.js';
import { deadLetter } from './row-filters.js';
import type { TicketRow } from './ticket.js';
import { wordGrams, wordsOf } from './words.js';

/** Words a run must share to count as copied, the size that published decontamination of test sets settled near. */
const gramSize = 8;

export interface Leak {
  row: number;
  ticketId: string;
  caseId: string;
  /** 0..1; 1 is the whole question. */
  overlap: number;
}

interface IndexedCase {
  id: string;
  question: string;
  inputGrams: number;
  referenceGrams: number;
}

interface GoldenIndex {
  cases: IndexedCase[];
  byGram: Map<string, { case: number; side: 'input' | 'reference' }[]>;
  byQuestion: Map<string, number>;
}

const question = (text: string): string => wordsOf(text).join(' ');

function indexGolden(golden: readonly GoldenCase[]): GoldenIndex {
  const index: GoldenIndex = { cases: [], byGram: new Map(), byQuestion: new Map() };
  golden.forEach((one, position) => {
    const grams = {
      input: wordGrams({ text: one.input, size: gramSize }),
      reference: wordGrams({ text: one.reference, size: gramSize }),
    };
    for (const side of ['input', 'reference'] as const) {
      for (const gram of grams[side]) {
        const known = index.byGram.get(gram) ?? [];
        known.push({ case: position, side });
        index.byGram.set(gram, known);
      }
    }
    const asked = question(one.input);
    if (!index.byQuestion.has(asked)) index.byQuestion.set(asked, position);
    const sizes = { inputGrams: grams.input.size, referenceGrams: grams.reference.size };
    index.cases.push({ id: one.id, question: asked, ...sizes });
  });
  return index;
}

const share = ({ seen, of }: { seen: number; of: number }): number => (of === 0 ? 0 : seen / of);

function worstLeak({ row, index }: { row: TicketRow; index: GoldenIndex }): { case: number; overlap: number } | null {
  const same = index.byQuestion.get(question(row.ticket.customer_query));
  if (same !== undefined) return { case: same, overlap: 1 };
  const grams = new Set([
    ...wordGrams({ text: row.ticket.customer_query, size: gramSize }),
    ...wordGrams({ text: row.ticket.agent_response, size: gramSize }),
  ]);
  const seen = new Map<number, { input: number; reference: number }>();
  for (const gram of grams) {
    for (const hit of index.byGram.get(gram) ?? []) {
      const counts = seen.get(hit.case) ?? { input: 0, reference: 0 };
      counts[hit.side] += 1;
      seen.set(hit.case, counts);
    }
  }
  let worst: { case: number; overlap: number } | null = null;
  for (const [position, counts] of seen) {
    const golden = index.cases[position]!;
    const asked = share({ seen: counts.input, of: golden.inputGrams });
    const answered = share({ seen: counts.reference, of: golden.referenceGrams });
    const overlap = Math.max(asked, (asked + answered) / 2);
    if (worst === null || overlap > worst.overlap) worst = { case: position, overlap };
  }
  return worst;
}

/**
 * Takes out every row that carries a golden case. A row's overlap with a case is the share of the 8-word runs of the
 * case's question that the row holds, or the mean of that and the same share of the reference, whichever is more; the
 * same question in other punctuation is 1. A verbatim answer alone is no leak: a support desk gives one answer to many
 * questions, and learning it is the point.
 *
 * @param removeAt overlap in 0..1 from which a row goes
 * @param refuseOver share of rows in 0..1 over which the whole set is refused
 * @throws DataProblem when more than `refuseOver` of the rows would go
 */
export function withoutContamination({
  rows,
  golden,
  removeAt,
  refuseOver,
}: {
  rows: readonly TicketRow[];
  golden: readonly GoldenCase[];
  removeAt: number;
  refuseOver: number;
}): { kept: TicketRow[]; letters: DeadLetter[]; leaks: Leak[] } {
  const index = indexGolden(golden);
  const kept: TicketRow[] = [];
  const letters: DeadLetter[] = [];
  const leaks: Leak[] = [];
  for (const row of rows) {
    const worst = worstLeak({ row, index });
    if (worst === null || worst.overlap < removeAt) {
      kept.push(row);
      continue;
    }
    const caseId = index.cases[worst.case]!.id;
    leaks.push({ row: row.row, ticketId: row.ticket.ticket_id, caseId, overlap: worst.overlap });
    const detail = `overlap ${worst.overlap.toFixed(2)} >= ${removeAt} with golden case ${caseId}`;
    letters.push(deadLetter({ row, objection: { reason: 'contaminated', column: 'customer_query', detail } }));
  }
  const removed = share({ seen: leaks.length, of: rows.length });
  if (removed > refuseOver) {
    const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
    const examples = leaks
      .slice(0, 5)
      .map((leak) => `row ${leak.row} (ticket ${leak.ticketId}) and case ${leak.caseId}`);
    throw new DataProblem(
      'refused',
      `contamination: ${leaks.length} of ${rows.length} rows (${percent(removed)} > ${percent(refuseOver)}) hold golden ` +
        `cases: ${examples.join('; ')}. Take the golden set's tickets out of the source, or choose new golden cases; ` +
        'data.contamination.refuseOver is the limit',
    );
  }
  return { kept, letters, leaks };
}
