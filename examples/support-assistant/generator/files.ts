import { drawFacts, fillWording, openDraw } from './draw.js';
import { goldenCases } from './golden.js';
import { intents } from './intents.js';
import { generalTickets, quarterTickets } from './tickets.js';
import type { Ticket } from './tickets.js';

const seed = 20_260_101;
const trafficUsers = 1200;
const trafficQuestions = 1800;
const columns: readonly (keyof Ticket)[] = [
  'ticket_id',
  'created_at',
  'customer_id',
  'customer_query',
  'agent_response',
  'category',
  'resolved',
  'rating',
  'language',
];

const cell = (value: string): string => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
const csv = (tickets: readonly Ticket[]): string =>
  [columns.join(','), ...tickets.map((ticket) => columns.map((name) => cell(ticket[name])).join(','))].join('\n') +
  '\n';
const jsonl = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Every generated file of the example, by its path in it. The same on every machine. */
export function exampleFiles(): ReadonlyMap<string, string> {
  const used = new Set<string>();
  const first = intents.filter((intent) => intent.since === 1);
  const later = intents.filter((intent) => intent.since === 2);
  const goldenDraw = openDraw({ seed, used });
  const ofFirst = goldenCases({
    intents: first,
    perIntent: 7,
    date: '2026-03-30',
    firstCustomer: 9001,
    draw: goldenDraw,
  });
  const ofLater = goldenCases({
    intents: later,
    perIntent: 5,
    date: '2026-06-29',
    firstCustomer: 9101,
    draw: goldenDraw,
  });
  const keptInSecond = ofFirst.filter((one) => Number(one.id.slice(one.id.lastIndexOf('-') + 1)) <= 5);

  const counts = (ofOld: number, ofNew: number) =>
    intents.map((intent) => ({ intent, count: intent.since === 1 ? ofOld : ofNew })).filter(({ count }) => count > 0);
  const quarter = (number: number, ofOld: number, ofNew: number): Ticket[] =>
    quarterTickets({
      quarter: number,
      perIntent: counts(ofOld, ofNew),
      firstNumber: number * 10_000 + 1,
      customers: { from: 1001, to: 1000 + 60 * number },
      draw: openDraw({ seed: seed + number, used }),
    });
  const [q1, q2, q3] = [quarter(1, 26, 0), quarter(2, 4, 22), quarter(3, 20, 8)];

  const trafficDraw = openDraw({ seed: seed + 9, used });
  const traffic = Array.from({ length: trafficQuestions }, (_, index) => {
    const intent = trafficDraw.pick(intents);
    const facts = drawFacts({ intent, draw: trafficDraw });
    const query = fillWording({ wording: trafficDraw.pick(intent.questions), facts });
    return { user: `U-${5001 + (index % trafficUsers)}`, query, category: intent.category };
  });
  const q4 = generalTickets({
    quarter: 4,
    firstNumber: 40_001,
    customers: { from: 1001, to: 1240 },
    draw: openDraw({ seed: seed + 4, used }),
  });
  return new Map([
    ['data/tickets-2026-q1.csv', csv(q1)],
    ['data/tickets-2026-q2.csv', csv([...q1, ...q2])],
    ['data/tickets-2026-q3.csv', csv([...q2, ...q3])],
    ['data/tickets-2026-q4.csv', csv([...q2, ...q3, ...q4])],
    ['data/traffic.jsonl', jsonl(traffic)],
    ['golden/v1.jsonl', jsonl(ofFirst)],
    ['golden/v2.jsonl', jsonl([...keptInSecond, ...ofLater])],
  ]);
}
