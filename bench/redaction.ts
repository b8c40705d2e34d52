import { detectLanguage } from '../src/domain/dataset/language-detection.js';
import { noiseIn } from '../src/domain/dataset/noise.js';
import { normaliseText } from '../src/domain/dataset/normalise.js';
import { findLeaks } from '../src/domain/dataset/redaction/find-leaks.js';
import { createRedactor } from '../src/domain/dataset/redaction/redactor.js';
import { scoreToxicity } from '../src/domain/dataset/toxicity.js';
import { heldOutFiles, type Labelled, makeLabelled, readHeldOut } from '../test/support/redaction/labelled.js';
import { precisionOf, recallOf, scoreSpans } from '../test/support/redaction/scores.js';
import { ownPatterns } from '../test/support/redaction/values.js';
import { findByPresidio, memoryOfRedaction, presidio, presidioPython } from './support/data-peers.js';
import { reportAgainstPeer } from './support/peer-comparison.js';
import { median, report, reportMachine, spreadOf } from './support/report.js';
import { reviewTexts } from './support/review-texts.js';

const bench = 'redaction';
const repetitions = 5;
const peerRepetitions = 3;
const runsForOne = 10;
const rowsRead = 20_000;
const peerRows = 2_000;
/** One review in so many carries a sentence of the labelled set, personal data or a hard negative. */
const oneIn = 5;
const targets = { rows: 20_000, recall: 0.98, precision: 0.95 };

interface Row {
  text: string;
  language: string;
}
type Spans = Labelled['spans'];

const redactor = createRedactor({ patterns: ownPatterns });
const findOwn = ({ text }: Row): Spans => redactor.redact({ texts: [text] }).found;

/** Steps that look at one row alone, as the pipeline calls them. */
const steps: Readonly<Record<string, (row: Row) => unknown>> = {
  normalise: ({ text }) => normaliseText(text),
  redact: findOwn,
  'second detector': ({ text }) => findLeaks({ text }),
  language: ({ text }) => detectLanguage({ text }),
  toxicity: scoreToxicity,
  noise: ({ text }) => noiseIn({ text, minimumWords: 5 }),
};

function rowsASecond({ rows, work }: { rows: readonly Row[]; work: (row: Row) => unknown }): number {
  const begun = performance.now();
  for (const row of rows) work(row);
  return (rows.length * 1000) / (performance.now() - begun);
}

function measureSteps(rows: readonly Row[]): void {
  for (const [name, work] of Object.entries(steps)) {
    rowsASecond({ rows, work });
    const measured = Array.from({ length: repetitions }, () => rowsASecond({ rows, work }));
    const value = median(measured);
    const isRedaction = name === 'redact';
    report({
      bench,
      metric: `${name}: rows a second on ${rows.length} reviews of 60 words, one core`,
      value,
      unit: 'rows/s',
      spread: spreadOf(measured),
      target: isRedaction ? `>= ${targets.rows}` : null,
      ok: isRedaction ? value >= targets.rows : null,
    });
  }
}

async function compareSpeed({
  python,
  rows,
  what,
}: {
  python: string;
  rows: readonly Row[];
  what: string;
}): Promise<void> {
  await reportAgainstPeer({
    ...{ bench, what, rows: rows.length, peer: presidio, repetitions: peerRepetitions, runsForOne },
    own: () => rows.length / rowsASecond({ rows, work: findOwn }),
    other: async () => (await findByPresidio({ python, patterns: ownPatterns, rows })).seconds,
  });
}

async function compareMemory({ python, rows }: { python: string; rows: readonly Row[] }): Promise<void> {
  const value = await memoryOfRedaction({ patterns: ownPatterns, rows });
  const { peakMegabytes } = await findByPresidio({ python, patterns: ownPatterns, rows });
  report({
    ...{ bench, metric: `peak resident memory over ${rows.length} reviews of 60 words`, value, unit: 'MB' },
    ...{ peer: presidio, peerValue: peakMegabytes, ratio: value / peakMegabytes, target: null, ok: null },
    note: 'ours with the TypeScript loader',
  });
}

async function compareQuality({
  python,
  labelled,
  set,
}: {
  python: string;
  labelled: readonly Labelled[];
  set: string;
}): Promise<void> {
  const { found } = await findByPresidio({ python, patterns: ownPatterns, rows: labelled });
  const byRow = new Map(labelled.map((one, index) => [one, found[index]!]));
  const own = scoreSpans({ labelled, predict: findOwn });
  const peer = scoreSpans({ labelled, predict: (one) => byRow.get(one)! });
  const none = { labelled: 0, predicted: 0, matched: 0 };
  for (const [key, score] of own) {
    const other = peer.get(key) ?? { ...none, labelled: score.labelled };
    for (const [metric, of] of [
      ['recall', recallOf],
      ['precision', precisionOf],
    ] as const) {
      const value = of(score);
      const isHeld = key === 'all';
      report({
        bench,
        metric: `${metric} on ${set}, ${key}`,
        value,
        unit: 'share',
        peer: presidio,
        peerValue: of(other),
        target: isHeld ? `>= ${targets[metric]}` : null,
        ok: isHeld ? value >= targets[metric] : null,
        note: `${score.matched} right of ${score.predicted} found and ${score.labelled} labelled; peer ${other.matched} of ${other.predicted}`,
      });
    }
  }
}

reportMachine({ bench });
const labelled = await makeLabelled({ seed: 20_261_121 });
const english = labelled.filter(({ language }) => language === 'en');
const reviews: Row[] = [...reviewTexts({ rows: rowsRead, seed: 1 })].map((text, row) => ({
  text: row % oneIn === 0 ? `${text} ${english[(row / oneIn) % english.length]!.text}` : text,
  language: 'en',
}));
measureSteps(reviews);
const python = await presidioPython();
await compareSpeed({ python, rows: reviews.slice(0, peerRows), what: 'reviews of 60 words' });
await compareMemory({ python, rows: reviews.slice(0, peerRows) });
await compareSpeed({ python, rows: labelled, what: 'labelled sentences, all with digits or addresses in them' });
await compareQuality({ python, labelled, set: 'the labelled set' });
for (const file of heldOutFiles) {
  await compareQuality({ python, labelled: await readHeldOut({ file }), set: file });
}
