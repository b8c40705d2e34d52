/** What a customer can want of the support desk: how it is asked, and what the desk answers to the facts in the question. */
export interface Intent<Slot extends string = string> {
  category: string;
  /** File name of the policy that holds the facts. */
  document: string;
  /** Quarter of the year 2026 in which the desk began to take this intent. */
  since: 1 | 2;
  /** Values that a question's `{slot}` may take; `{tracking}` is always there and drawn from a number range. */
  slots: Record<Slot, readonly string[]>;
  /** Wordings of tickets and live traffic. */
  questions: readonly string[];
  /** Wordings of golden cases only: at least seven for an intent of the first quarter, five for the others. */
  golden: readonly string[];
  answer(facts: Record<Slot | 'tracking', string>): Answer;
  /** Questions without a fact in them, all with one answer. */
  general?: { questions: readonly string[]; answer: string };
}

export interface Answer {
  text: string;
  /** What a good answer must touch. */
  topics: readonly string[];
}

/** Infers the slots' names of one definition and forgets them for the list of all intents. */
export const intent = <Slot extends string>(definition: Intent<Slot>): Intent => definition;

export const cities = [
  'Leeds',
  'York',
  'Bristol',
  'Cardiff',
  'Derby',
  'Exeter',
  'Glasgow',
  'Hull',
  'Oxford',
  'Norwich',
  'Bath',
  'Dundee',
  'Swansea',
  'Reading',
  'Lincoln',
  'Chester',
  'Durham',
  'Luton',
  'Preston',
  'Coventry',
] as const;

export const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'] as const;

/** The working day `count` days after a working day, both by name. */
export function workingDayAfter(day: string, count: number): string {
  const index = weekdays.findIndex((name) => name === day);
  if (index < 0) throw new RangeError(`"${day}" is not a working day; expected one of ${weekdays.join(', ')}`);
  return weekdays[(index + count) % weekdays.length]!;
}
