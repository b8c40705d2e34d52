import { median, report, spreadOf } from './report.js';

const leastRatio = 10;

/**
 * Reports rows a second of ours and of a peer that does the same work on the same rows, in turn, so that both see the
 * same machine. `own` and `other` answer the seconds of one run over all rows.
 * @param runsForOne runs of ours beside one of the peer, which takes far longer and so sees more of the machine
 */
export async function reportAgainstPeer({
  bench,
  what,
  rows,
  peer,
  repetitions,
  runsForOne,
  own,
  other,
}: {
  bench: string;
  /** What the rows are. */
  what: string;
  rows: number;
  peer: string;
  repetitions: number;
  runsForOne: number;
  own: () => number;
  other: () => Promise<number>;
}): Promise<void> {
  for (let warmUp = 0; warmUp < 3; warmUp += 1) own();
  const rates: number[] = [];
  const peerRates: number[] = [];
  for (let done = 0; done < repetitions; done += 1) {
    let seconds = 0;
    for (let run = 0; run < runsForOne; run += 1) seconds += own();
    rates.push((rows * runsForOne) / seconds);
    peerRates.push(rows / (await other()));
  }
  const ratio = median(rates.map((rate, index) => rate / peerRates[index]!));
  report({
    bench,
    metric: `rows a second on ${rows} ${what}`,
    value: median(rates),
    unit: 'rows/s',
    spread: spreadOf(rates),
    peer,
    peerValue: median(peerRates),
    ratio,
    target: `>= ${leastRatio} times the peer`,
    ok: ratio >= leastRatio,
    note: `peer from ${Math.round(Math.min(...peerRates))} to ${Math.round(Math.max(...peerRates))}`,
  });
}
