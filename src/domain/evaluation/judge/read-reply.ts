import type { JudgeCall } from './judge-call.js';

/** How a judge's reply can be of no use. */
export const replyProblems = ['empty', 'noJson', 'brokenJson', 'wrongShape', 'outOfRange'] as const;
export type ReplyProblem = (typeof replyProblems)[number];

export type ReadReply<T> = { ok: true; value: T } | { ok: false; problem: ReplyProblem; message: string };

const shown = 80;
const excerpt = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return `"${line.length > shown ? `${line.slice(0, shown)}...` : line}"`;
};

/**
 * Reads what a call asked for out of a reply: the object may stand in prose or in a code fence. What is not there is
 * never guessed: a number out of its range, half an object or other field names are a problem with a name.
 */
export function readReply<T>({ call, text }: { call: JudgeCall<T>; text: string }): ReadReply<T> {
  const no = (problem: ReplyProblem, message: string): ReadReply<T> => ({ ok: false, problem, message });
  if (text.trim() === '') return no('empty', 'the reply is empty');
  const objects = objectsIn(text);
  if (objects.length === 0)
    return text.includes('{')
      ? no('brokenJson', `the JSON can't be read: ${excerpt(text.slice(text.indexOf('{')))}`)
      : no('noJson', `prose without JSON: ${excerpt(text)}`);
  let first: ReadReply<T> | null = null;
  for (const object of objects) {
    const parsed = call.schema.safeParse(object);
    const wrong = parsed.success ? (call.problemOf?.(parsed.data) ?? null) : null;
    if (parsed.success && wrong === null) return { ok: true, value: parsed.data };
    const issue = parsed.error?.issues[0];
    const range = issue?.code === 'too_big' || issue?.code === 'too_small';
    const said = issue ? `${issue.path.join('.') || '(object)'}: ${issue.message}` : wrong!;
    first ??= no(range ? 'outOfRange' : 'wrongShape', `${said}, in ${excerpt(JSON.stringify(object))}`);
  }
  return first!;
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
export const correctionOf = ({ call, message }: { call: Pick<JudgeCall, 'format'>; message: string }): string =>
  `That reply can't be used: ${message}. Reply with one JSON object and nothing else, in English:\n${call.format}`;
