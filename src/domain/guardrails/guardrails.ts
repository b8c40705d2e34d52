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
  checkInput(request: { texts: readonly string[] }): InputVerdict;
  /**
   * Looks at a whole answer; `texts` are what the caller wrote, `reasoning` what the model thought aloud before it, which
   * goes out with an answer that passes.
   */
  checkOutput(exchange: { texts: readonly string[]; answer: string; reasoning?: string }): OutputVerdict;
}

/** Below this nobody is refused for a language that was only guessed. */
const sureOfLanguage = 0.9;
const pass = { action: 'pass' } as const;

type LanguageDetector = (input: { text: string }) => DetectedLanguage;

const needsLanguages = ({ input, output }: GuardrailSpec): boolean =>
  input.languages !== null || output.toxicity !== null;

/** The guardrails of a spec, with the tables of languages, some 130 MB, only where one of them looks at languages. */
export async function loadGuardrails({ spec }: { spec: GuardrailSpec }): Promise<Guardrails> {
  if (!needsLanguages(spec)) return createGuardrails({ spec });
  const { detectLanguage } = await import('../dataset/language-detection.js');
  return createGuardrails({ spec, detectLanguage });
}

/**
 * The guardrails of a spec.
 * @throws RangeError where they look at languages and nothing detects any
 */
export function createGuardrails({
  spec,
  detectLanguage = () => {
    throw new RangeError('guardrails on languages and toxicity: expected detectLanguage, see loadGuardrails');
  },
}: {
  spec: GuardrailSpec;
  detectLanguage?: LanguageDetector;
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
    checkInput: ({ texts }) => {
      const refusal = inputRefusal({ input, texts, detectLanguage });
      if (refusal !== null) return { action: 'refuse', ...refusal };
      if (input.personalData === 'off') return pass;
      const { texts: redacted, found } = redactor.redact({ texts });
      if (found.length === 0) return pass;
      const guardrail = 'personalData';
      if (input.personalData === 'redact') return { action: 'redact', guardrail, texts: redacted };
      const types = [...new Set(found.map(({ type }) => type))].sort().join(', ');
      return { action: 'refuse', guardrail, reason: `holds personal data (${types}); leave it out` };
    },
    checkOutput: ({ texts, answer, reasoning = '' }) => {
      const guardrail = blockedBy({ output, texts, answer, reasoning, detectLanguage });
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

function inputRefusal({
  input,
  texts,
  detectLanguage,
}: {
  input: GuardrailSpec['input'];
  texts: readonly string[];
  detectLanguage: LanguageDetector;
}) {
  const { maximumCharacters, languages } = input;
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  if (maximumCharacters !== null && characters > maximumCharacters)
    return { guardrail: 'length' as const, reason: `${characters} characters > ${maximumCharacters}; shorten it` };
  if (input.injection === 'refuse' && texts.some(readsLikeInjection))
    return { guardrail: 'injection' as const, reason: 'reads like an attempt to change the instructions; rephrase it' };
  if (languages !== null) {
    const { language, confidence } = detectLanguage({ text: texts.at(-1) ?? '' });
    if (language !== null && confidence >= sureOfLanguage && !languages.includes(language))
      return { guardrail: 'language' as const, reason: `is in ${language}; ask in ${languages.join(', ')}` };
  }
  return null;
}

function blockedBy(input: {
  output: GuardrailSpec['output'];
  texts: readonly string[];
  answer: string;
  reasoning: string;
  detectLanguage: LanguageDetector;
}): GuardrailName | null {
  const { output, texts, answer, reasoning, detectLanguage } = input;
  const shown = reasoning === '' ? [answer] : [answer, reasoning];
  const toxicityOf = (text: string): number => scoreToxicity({ text, language: detectLanguage({ text }).language });
  // A call of tools may have reasoning and no text; there is no JSON to look at.
  if (output.jsonSchema !== null && answer !== '' && !compileJsonSchema(output.jsonSchema)(parseJson(answer)))
    return 'jsonSchema';
  const { toxicity } = output;
  if (toxicity !== null && shown.some((text) => toxicityOf(text) >= toxicity)) return 'toxicity';
  if (output.refusal === 'block' && declines(answer) !== null) return 'refusal';
  const leaks = (text: string): boolean => leakedIn({ text, known: texts }).leaked.length > 0;
  if (output.personalData === 'block' && shown.some(leaks)) return 'personalData';
  return null;
}
