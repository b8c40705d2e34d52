import type { Draw } from './draw.js';
import { drawFacts, fillWording } from './draw.js';
import { generalDeliveries } from './general-deliveries.js';
import { generalServices } from './general-services.js';
import type { Intent } from './intent.js';

/** A row of a ticket export; every value as the CSV holds it. */
export interface Ticket {
  ticket_id: string;
  created_at: string;
  customer_id: string;
  customer_query: string;
  agent_response: string;
  category: string;
  resolved: string;
  rating: string;
  language: string;
}

const dayMilliseconds = 86_400_000;
const greetings = ['Hello, ', 'Hi there, ', 'Good morning. ', 'Dear team, '];
const closings = [' Thank you!', ' Thanks.', ' Please help.'];
const unresolvedAnswers = [
  'I have passed this on to the depot and will come back to you.',
  'We could not reach you by phone, so this ticket stays open.',
  'Our system is down at the moment, please try again later.',
];
const germanTickets = [
  ['Wo bleibt mein Paket? Es sollte gestern in Leeds ankommen.', 'Es tut uns leid, wir fragen im Depot in Leeds nach.'],
  ['Kann ich die Adresse noch auf York ändern lassen?', 'Ja, unter Meine Buchungen ändern Sie die Adresse kostenlos.'],
] as const;

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
const keepsCapital = /^(I\b|SW\d|[A-Z][a-z]+(?:,| [a-z]* ?(?:needs|sends)))/;
const asHtml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/'/g, '&#39;').replace(/\?/g, '?&nbsp;').replace(/ - /g, ' &ndash; ');

function question({ wording, facts, draw }: { wording: string; facts: Record<string, string>; draw: Draw }): string {
  const filled = fillWording({ wording, facts });
  const greeting = draw.chance(0.15) ? draw.pick(greetings) : '';
  const opened = greeting.endsWith(', ') && !keepsCapital.test(filled) ? lowerFirst(filled) : filled;
  return `${greeting}${opened}${draw.chance(0.12) ? draw.pick(closings) : ''}`;
}

interface QuarterInput {
  /** 1 to 4 of the year 2026. */
  quarter: number;
  perIntent: readonly { intent: Intent; count: number }[];
  firstNumber: number;
  /** Numbers of the customers who may ask. */
  customers: { from: number; to: number };
  draw: Draw;
}

/**
 * The tickets of one quarter, in order of time: `perIntent` of each intent, wordings in turn, and the dirt of a real
 * desk (unresolved and empty ones, questions sent twice, HTML entities, a few in German).
 */
export function quarterTickets({ quarter, perIntent, firstNumber, customers, draw }: QuarterInput): Ticket[] {
  const rows = perIntent.flatMap(({ intent, count }) => intentTickets({ intent, count, draw }));
  const german = germanTickets.map(([customer_query, agent_response]) => ({
    ...{ customer_query, agent_response, category: 'parcel-tracking', resolved: 'true', rating: '4', language: 'de' },
  }));
  const twice = draw.shuffled(rows).slice(0, Math.round(rows.length / 60));
  return overQuarter({ quarter, rows: [...rows, ...german, ...twice], firstNumber, customers, draw });
}

/** The fourth quarter's tickets of customers who asked in general. */
export function generalTickets(input: Omit<QuarterInput, 'perIntent'>): Ticket[] {
  const rows = [...generalDeliveries, ...generalServices].flatMap(({ category, questions, answer }) =>
    questions.map((asked): Row => ({
      ...{ customer_query: asked, agent_response: answer, category },
      ...{ resolved: 'true', rating: '5', language: 'en' },
    })),
  );
  return overQuarter({ ...input, rows });
}

/** Rows as tickets of one quarter, in order of time, each with a number, a day and a customer. */
function overQuarter({
  quarter,
  rows,
  firstNumber,
  customers,
  draw,
}: Omit<QuarterInput, 'perIntent'> & { rows: readonly Row[] }): Ticket[] {
  const start = Date.UTC(2026, (quarter - 1) * 3, 1, 7);
  const all = draw.shuffled(rows);
  return all.map((row, index) => {
    const day = Math.floor((index * 89) / all.length);
    const at = new Date(start + day * dayMilliseconds + draw.between(0, 11 * 3600 - 1) * 1000);
    return {
      ticket_id: `T-${firstNumber + index}`,
      created_at: at.toISOString().replace('.000Z', 'Z'),
      customer_id: `C-${draw.between(customers.from, customers.to)}`,
      ...row,
    };
  });
}

type Row = Omit<Ticket, 'ticket_id' | 'created_at' | 'customer_id'>;

function intentTickets({ intent, count, draw }: { intent: Intent; count: number; draw: Draw }): Row[] {
  const general = intent.general;
  const plain: Row[] = (general?.questions ?? []).map((asked) => ({
    ...{ customer_query: asked, agent_response: general!.answer, category: intent.category },
    ...{ resolved: 'true', rating: '5', language: 'en' },
  }));
  let wordings: string[] = [];
  const rows = Array.from({ length: count }, (): Row => {
    if (wordings.length === 0) wordings = draw.shuffled(intent.questions);
    const facts = drawFacts({ intent, draw });
    const resolved = !draw.chance(0.08);
    const asked = question({ wording: wordings.pop()!, facts, draw });
    const answered = resolved ? intent.answer(facts).text : draw.chance(0.3) ? '' : draw.pick(unresolvedAnswers);
    return {
      customer_query: draw.chance(0.04) ? asHtml(asked) : asked,
      agent_response: resolved && draw.chance(0.01) ? '' : answered,
      category: intent.category,
      resolved: String(resolved),
      rating: String(resolved ? draw.between(3, 5) : draw.between(1, 3)),
      language: 'en',
    };
  });
  return [...plain, ...rows];
}
