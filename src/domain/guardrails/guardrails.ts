import type { DetectedLanguage } from '../dataset/language-detection.js';
import { createRedactor } from '../dataset/redaction/redactor.js';
import { scoreToxicity } from '../dataset/toxicity.js';
import { compileJsonSchema } from '../evaluation/json-schemas.js';
import { leakedIn } from '../evaluation/leaked-personal-data.js';
import { declines } from '../evaluation/refusal.js';
import type { GuardrailSpec } from '../spec/gateway-spec.js';
import { readsLikeInjection } from './injection-patterns.js';
import { parseJson } from '../parse-json.js';

export const guardrailNames = [
  'injection',
  'personalData',
  'length',
  'language',
  'toxicity',
  'refusal',
  'jsonSchema',
] as const;
export type GuardrailName = (typeof guardrailNames)[number];

/** What the guardrails make of a request's texts. */
export type InputVerdict =
  | { action: 'pass' }
  /** `texts` take the place of the ones that were looked at. */
  | { action: 'redact'; guardrail: GuardrailName; texts: string[] }
  /** `reason` is for the caller. */
  | { action: 'refuse'; guardrail: GuardrailName; reason: string };

/** What the guardrails make of an answer. */
export type OutputVerdict =
  { action: 'pass' } | { action: 'redact' | 'block'; guardrail: GuardrailName; answer: string };

export interface Guardrails {
  /** Whether any of them looks at questions, or at answers. */
  watches: { input: boolean; output: boolean };
  /** Looks at what the caller wrote; the last text is the question. */
  checkInput(request: { texts: readonly string[] }): Promise<InputVerdict>;
  /**
   * Looks at a whole answer; `texts` are what the caller wrote, `reasoning` what the model thought aloud before it, which
   * goes out with an answer that passes.
   */
  checkOutput(exchange: { texts: readonly string[]; answer: string; reasoning?: string }): Promise<OutputVerdict>;
}

/** Below this nobody is refused for a language that was only guessed. */
const sureOfLanguage = 0.9;
const pass = { action: 'pass' } as const;

/** Whatever detects languages; its tables are large. */
export interface LanguageDetection {
  /** Resolves once it is ready. */
  start(): Promise<void>;
  detect(input: { text: string }): Promise<DetectedLanguage>;
}

const needsLanguages = ({ input, output }: GuardrailSpec): boolean =>
  input.languages !== null || output.toxicity !== null;

/** The guardrails of a spec; what detects languages is started only where one of them looks at languages. */
export async function loadGuardrails(input: {
  spec: GuardrailSpec;
  languages: LanguageDetection;
}): Promise<Guardrails> {
  if (needsLanguages(input.spec)) await input.languages.start();
  return createGuardrails(input);
}

/** The guardrails of a spec. */
export function createGuardrails({
  spec,
  languages,
}: {
  spec: GuardrailSpec;
  languages: Pick<LanguageDetection, 'detect'>;
}): Guardrails {
  const { input, output } = spec;
  const redactor = createRedactor({ patterns: [] });
  return {
    watches: {
      input:
        input.injection !== 'off' ||
        input.personalData !== 'off' ||
        input.maximumCharacters !== null ||
        input.languages !== null,
      output:
        output.toxicity !== null ||
        output.personalData !== 'off' ||
        output.refusal !== 'off' ||
        output.jsonSchema !== null,
    },
    checkInput: async ({ texts }) => {
      const refusal = await inputRefusal({ input, texts, languages });
      if (refusal !== null) return { action: 'refuse', ...refusal };
      if (input.personalData === 'off') return pass;
      const { texts: redacted, found } = redactor.redact({ texts });
      if (found.length === 0) return pass;
      const guardrail = 'personalData';
      if (input.personalData === 'redact') return { action: 'redact', guardrail, texts: redacted };
      const types = [...new Set(found.map(({ type }) => type))].sort().join(', ');
      return { action: 'refuse', guardrail, reason: `holds personal data (${types}); leave it out` };
    },
    checkOutput: async ({ texts, answer, reasoning = '' }) => {
      const guardrail = await blockedBy({ output, texts, answer, reasoning, languages });
      if (guardrail !== null) return { action: 'block', guardrail, answer: spec.reply };
      const leaks = (text: string): boolean => leakedIn({ text, known: texts }).leaked.length > 0;
      if (output.personalData !== 'redact' || !(leaks(answer) || leaks(reasoning))) return pass;
      const [redacted] = redactor.redact({ texts: [answer] }).texts;
      // The two detectors are independent: what only the other one sees can't be cut out.
      if (redacted === answer && leaks(answer))
        return { action: 'block', guardrail: 'personalData', answer: spec.reply };
      return { action: 'redact', guardrail: 'personalData', answer: redacted! };
    },
  };
}

async function inputRefusal({
  input,
  texts,
  languages,
}: {
  input: GuardrailSpec['input'];
  texts: readonly string[];
  languages: Pick<LanguageDetection, 'detect'>;
}) {
  const { maximumCharacters, languages: allowed } = input;
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  if (maximumCharacters !== null && characters > maximumCharacters)
    return { guardrail: 'length' as const, reason: `${characters} characters > ${maximumCharacters}; shorten it` };
  if (input.injection === 'refuse' && texts.some(readsLikeInjection))
    return { guardrail: 'injection' as const, reason: 'reads like an attempt to change the instructions; rephrase it' };
  if (allowed !== null) {
    const { language, confidence } = await languages.detect({ text: texts.at(-1) ?? '' });
    if (language !== null && confidence >= sureOfLanguage && !allowed.includes(language))
      return { guardrail: 'language' as const, reason: `is in ${language}; ask in ${allowed.join(', ')}` };
  }
  return null;
}

async function blockedBy(input: {
  output: GuardrailSpec['output'];
  texts: readonly string[];
  answer: string;
  reasoning: string;
  languages: Pick<LanguageDetection, 'detect'>;
}): Promise<GuardrailName | null> {
  const { output, texts, answer, reasoning, languages } = input;
  const shown = reasoning === '' ? [answer] : [answer, reasoning];
  // What nobody can look at does not go out.
  const isToxic = (text: string, limit: number): Promise<boolean> =>
    languages.detect({ text }).then(
      ({ language }) => scoreToxicity({ text, language }) >= limit,
      () => true,
    );
  // A call of tools may have reasoning and no text; there is no JSON to look at.
  if (output.jsonSchema !== null && answer !== '' && !compileJsonSchema(output.jsonSchema)(parseJson(answer)).accepted)
    return 'jsonSchema';
  const { toxicity } = output;
  if (toxicity !== null && (await Promise.all(shown.map((text) => isToxic(text, toxicity)))).includes(true))
    return 'toxicity';
  if (output.refusal === 'block' && declines(answer) !== null) return 'refusal';
  const leaks = (text: string): boolean => leakedIn({ text, known: texts }).leaked.length > 0;
  if (output.personalData === 'block' && shown.some(leaks)) return 'personalData';
  return null;
}
