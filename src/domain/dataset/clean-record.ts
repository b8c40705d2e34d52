import type { DataSpec } from '../spec/data-spec.js';
import type { DataRow, Scalar } from './data-row.js';
import type { DeadLetter, DeadLetterReason, SourceRecord } from './dead-letter.js';
import { detectLanguage } from './language-detection.js';
import { noiseIn } from './noise.js';
import { normaliseText } from './normalise.js';
import { knownFields, rowParser } from './parse-row.js';
import type { Pseudonyms } from './pseudonyms.js';
import { stepExamples, type StepExample } from './step-examples.js';
import { letterRedactor, textRedactor } from './private-record.js';
import type { Recipe } from './recipes.js';
import { findLeaks } from './redaction/find-leaks.js';
import { withoutPlaceholders } from './redaction/placeholders.js';
import type { RedactionPattern, Redactor } from './redaction/personal-data.js';
import { createRedactor } from './redaction/redactor.js';
import { scoreToxicity } from './toxicity.js';

/** Where the second detector still found something; the value is never kept. */
export interface Leak {
  column: string;
  type: string;
}

/** A row after the steps that look at one row alone. */
export interface CleanRow extends DataRow {
  /** How many values of each type were replaced. */
  redacted: Record<string, number>;
  /** Whether normalising changed a text. */
  normalised: boolean;
  leaks: Leak[];
  /** What a step changed, of the first rows that it changed. */
  examples: StepExample[];
}

export type CleanResult = { row: CleanRow; letter: null } | { row: null; letter: DeadLetter };

interface Objection {
  reason: DeadLetterReason;
  column: string;
  detail: string;
}

type CleaningSettings = Pick<DataSpec, 'languages' | 'languageConfidence' | 'toxicity' | 'noise'> & {
  redaction: { patterns: readonly RedactionPattern[] };
};

/**
 * The steps that look at one row alone, in order: read, normalise, redact, resolved, language, toxicity, noise. Every
 * record ends as a row or as a dead letter, never as both. Cleaning a cleaned row again changes nothing.
 *
 * @param kept columns outside the recipe that later steps need
 */
export function recordCleaner({
  recipe,
  settings,
  kept,
  pseudonyms,
}: {
  recipe: Recipe;
  settings: CleaningSettings;
  kept: readonly string[];
  pseudonyms: Pseudonyms;
}): (record: SourceRecord) => CleanResult {
  const redactor = createRedactor(settings.redaction);
  const cleanTextsOf = textRedactor(redactor);
  const parse = rowParser({ recipe, kept, withoutPersonalData: (text) => cleanTextsOf([text])[0]! });
  const withoutPersonalData = letterRedactor(redactor);
  const pseudonymOf = pseudonymiser({ redactor, pseudonyms });
  const objectionTo = rowFilter({ recipe, settings });
  const examplesOf = stepExamples({ redactor });
  return (record) => {
    const parsed = parse(record);
    if (parsed.row === null) return { row: null, letter: withoutPersonalData(parsed.letter) };
    const row = cleanTexts({ row: parsed.row, recipe, redactor, examplesOf });
    for (const name of [...recipe.identifiers, ...kept]) row.values[name] = pseudonymOf(row.values[name] ?? null);
    const objection = objectionTo(row);
    if (objection === null) return { row, letter: null };
    const letter = {
      row: record.row,
      line: record.line,
      ...objection,
      record: knownFields({ fields: record.fields, recipe, kept }),
    };
    return { row: null, letter: withoutPersonalData(letter) };
  };
}

/** Makes dead letters of records that never became rows fit to be stored. */
export const unreadableCleaner = (redaction: CleaningSettings['redaction']): ((letter: DeadLetter) => DeadLetter) =>
  letterRedactor(createRedactor(redaction));

/** What the second detector finds, also where somebody wrote what looks like a placeholder into a value. */
function leaksOf({ normal, redacted }: { normal: string; redacted: string }): { type: string }[] {
  const joined = withoutPlaceholders(normal) === null ? null : withoutPlaceholders(redacted);
  return [...findLeaks({ text: redacted }), ...(joined === null ? [] : findLeaks({ text: joined }))];
}

function cleanTexts({
  row,
  recipe,
  redactor,
  examplesOf,
}: {
  row: DataRow;
  recipe: Recipe;
  redactor: Redactor;
  examplesOf: ReturnType<typeof stepExamples>;
}): CleanRow {
  const written = recipe.texts.map((column) => String(row.values[column]));
  const normal = written.map(normaliseText);
  const { texts, found } = redactor.redact({ texts: normal });
  const redacted: Record<string, number> = {};
  for (const { type } of found) redacted[type] = (redacted[type] ?? 0) + 1;
  const values = { ...row.values };
  const leaks: Leak[] = [];
  recipe.texts.forEach((column, index) => {
    const text = texts[index]!;
    values[column] = text;
    for (const { type } of leaksOf({ normal: normal[index]!, redacted: text })) leaks.push({ column, type });
  });
  const clean = found.length === 0 && leaks.length === 0;
  const examples = recipe.texts.flatMap((column, index) =>
    examplesOf({ column, written: written[index]!, normal: normal[index]!, redacted: texts[index]!, clean }),
  );
  const normalised = normal.some((text, index) => text !== written[index]);
  return { ...row, values, redacted, leaks, normalised, examples };
}

/** No detector finds anything in a value without one of these. */
const mayIdentify = /@|\d(?:\D?\d){5}|\s|[.:]\w+[.:]/;
const rememberedValues = 10_000;

/**
 * A function that makes a pseudonym, the same everywhere, of an identifier that is personal data itself, such as an
 * e-mail address. It remembers values, since categories come again and again.
 */
function pseudonymiser({
  redactor,
  pseudonyms,
}: {
  redactor: Redactor;
  pseudonyms: Pseudonyms;
}): (value: Scalar) => Scalar {
  const known = new Map<string, string>();
  return (value) => {
    if (typeof value !== 'string' || !mayIdentify.test(value)) return value;
    const before = known.get(value);
    if (before !== undefined) return before;
    const personal = redactor.redact({ texts: [value] }).found.length > 0 || findLeaks({ text: value }).length > 0;
    const after = personal ? pseudonyms.of(value) : value;
    if (known.size >= rememberedValues) known.clear();
    known.set(value, after);
    return after;
  };
}

function rowFilter({ recipe, settings }: { recipe: Recipe; settings: CleaningSettings }) {
  const [main] = recipe.texts;
  const { languages, languageConfidence, toxicity, noise } = settings;
  const least = { ...recipe.leastWords, [main]: { words: noise.minimumWords, reason: 'tooShort' as const } };

  function languageObjection(row: CleanRow): Objection | null {
    const declared = (row.values['language'] as string | null)?.split(/[-_]/)[0] ?? null;
    const detected = detectLanguage({ text: String(row.values[main]) });
    const sure = detected.language !== null && detected.confidence >= languageConfidence;
    const language = sure ? detected.language : declared;
    row.values['language'] = language;
    if (language === null || languages.includes(language)) return null;
    const how = sure ? `detected with ${detected.confidence.toFixed(2)}` : 'declared';
    const detail = `language "${language}" (${how}): expected one of ${languages.join(', ')} (data.languages)`;
    return { reason: 'language', column: sure ? main : 'language', detail };
  }

  function toxicObjection(row: CleanRow): Objection | null {
    const language = row.values['language'] as string | null;
    const scores = recipe.texts.map((column) => scoreToxicity({ text: String(row.values[column]), language }));
    const worst = Math.max(...scores);
    row.values['toxicity'] = Number(worst.toFixed(4));
    if (worst <= toxicity.dropOver) return null;
    const column = recipe.texts[scores.indexOf(worst)]!;
    return { reason: 'toxic', column, detail: `toxicity ${worst.toFixed(2)} > ${toxicity.dropOver}` };
  }

  function noiseObjection(row: CleanRow): Objection | null {
    for (const [column, { words, reason }] of Object.entries(least)) {
      const found = noiseIn({ text: String(row.values[column]), minimumWords: words });
      if (found) return { ...found, reason: found.reason === 'tooShort' ? reason : found.reason, column };
    }
    return null;
  }

  return (row: CleanRow): Objection | null => {
    if (row.values['resolved'] === false)
      return { reason: 'unresolved', column: 'resolved', detail: 'the ticket was not resolved' };
    return languageObjection(row) ?? toxicObjection(row) ?? noiseObjection(row);
  };
}
