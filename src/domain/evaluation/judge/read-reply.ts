import { isDeepStrictEqual } from 'node:util';
import { formatShare } from '../../statistics/format.js';
import type { JudgeCall } from './judge-call.js';

/** How a judge's reply can be of no use. */
export const replyProblems = ['empty', 'noJson', 'brokenJson', 'wrongShape', 'outOfRange', 'noOption'] as const;
export type ReplyProblem = (typeof replyProblems)[number];

export type ReadReply<T> = { ok: true; value: T } | { ok: false; problem: ReplyProblem; message: string };

const shown = 80;
const excerpt = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return `"${line.length > shown ? `${line.slice(0, shown)}...` : line}"`;
};

/**
 * Reads what a call asked for out of a reply: the object may stand in prose or in a code fence, behind what the judge
 * thought aloud. What is not there is never guessed: a number out of its range, half an object, other field names or two
 * objects that say different things are a problem with a name.
 */
export function readReply<T>({
  call,
  text: reply,
  firstTokens = [],
}: {
  call: Pick<JudgeCall<T>, 'schema' | 'letters' | 'problemOf'>;
  text: string;
  /** The likeliest first tokens, for a call that asks for a letter. */
  firstTokens?: readonly FirstToken[];
}): ReadReply<T> {
  const no = (problem: ReplyProblem, message: string): ReadReply<T> => ({ ok: false, problem, message });
  if (call.letters) {
    const likely = readLetters({ letters: call.letters, firstTokens });
    return likely.ok ? { ok: true, value: call.schema.parse(likely.value) } : likely;
  }
  const text = reply.replace(thoughts, '');
  if (text.trim() === '') return no('empty', 'the reply is empty');
  const objects = objectsIn(text);
  if (objects.length === 0)
    return text.includes('{')
      ? no('brokenJson', `the JSON can't be read: ${excerpt(text.slice(text.indexOf('{')))}`)
      : no('noJson', `prose without JSON: ${excerpt(text)}`);
  let first: ReadReply<T> | null = null;
  const good: T[] = [];
  for (const object of objects) {
    const parsed = call.schema.safeParse(object);
    const wrong = parsed.success ? (call.problemOf?.(parsed.data) ?? null) : null;
    if (parsed.success && wrong === null) {
      good.push(parsed.data);
      continue;
    }
    const issue = parsed.error?.issues[0];
    const range = issue?.code === 'too_big' || issue?.code === 'too_small';
    const said = issue ? `${issue.path.join('.') || '(object)'}: ${issue.message}` : wrong!;
    first ??= no(range ? 'outOfRange' : 'wrongShape', `${said}, in ${excerpt(JSON.stringify(object))}`);
  }
  const [value, ...others] = good;
  if (value === undefined) return first!;
  if (others.every((other) => isDeepStrictEqual(other, value))) return { ok: true, value };
  return no('wrongShape', `${good.length} objects that say different things, in ${excerpt(text)}`);
}

/** What models that reason aloud put before their reply. */
const thoughts = /^\s*<think>[^]*?<\/think>/;

/** One of the likeliest first tokens of a reply. */
export interface FirstToken {
  token: string;
  logProbability: number;
}

/** Under this the judge would rather have said something else than one of the letters. */
const leastOnLetters = 0.5;

/** How likely each letter was as the first token, among the letters; blanks, brackets and case don't count. */
function readLetters({
  letters,
  firstTokens,
}: {
  letters: readonly string[];
  firstTokens: readonly FirstToken[];
}): ReadReply<Record<string, number>> {
  const masses = letters.map((letter) =>
    firstTokens
      .filter(({ token }) => token.replaceAll(/[\s().:"'*]/g, '').toUpperCase() === letter)
      .reduce((sum, { logProbability }) => sum + Math.exp(logProbability), 0),
  );
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  if (!(total >= leastOnLetters)) {
    const seen = firstTokens.map(({ token }) => JSON.stringify(token)).slice(0, 5);
    const message = `${letters.join(', ')} have ${formatShare(total)} of the probability < ${formatShare(leastOnLetters)}, likeliest are ${seen.join(', ') || 'none'}`;
    return { ok: false, problem: 'noOption', message };
  }
  return { ok: true, value: Object.fromEntries(letters.map((letter, index) => [letter, masses[index]! / total])) };
}

/** Every outermost JSON object of a text, in order. What stands inside braces that never close is half of something. */
function objectsIn(text: string): unknown[] {
  const found: unknown[] = [];
  let start = text.indexOf('{');
  while (start !== -1) {
    const end = endOfObject({ text, start });
    if (end === null) break;
    const object = parsed(text.slice(start, end));
    if (object !== undefined) found.push(object);
    start = text.indexOf('{', end);
  }
  return found;
}

/** Where the braces that open at `start` close; null where they never do. */
function endOfObject({ text, start }: { text: string; start: number }): number | null {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth += 1;
    else if (character === '}' && --depth === 0) return at + 1;
  }
  return null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What a judge is told whose reply was of no use. */
export const correctionOf = ({
  call: { format, letters },
  message,
}: {
  call: Pick<JudgeCall, 'format' | 'letters'>;
  message: string;
}): string =>
  letters
    ? `That reply can't be used. Reply with nothing but\n${format}`
    : `That reply can't be used: ${message}. Reply with one JSON object and nothing else, in English:\n${format}`;
