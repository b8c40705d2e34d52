import { scored, unmeasured, type AnswerToScore, type Score } from '../scorer.js';
import type { ProbeKind, Variant } from './probe.js';

export type AnsweredVariant = Variant & { answer: string };

/**
 * The mean of what each variant of a kind is worth, or why there is none. One variant without an answer leaves the case
 * unmeasured: the questions a model fails on may be the ones that would have shown something.
 */
export function meanOverVariants({
  input,
  kind,
  value,
  details = () => ({}),
}: {
  input: AnswerToScore;
  kind: ProbeKind;
  /** What one variant is worth. */
  value: (variant: AnsweredVariant) => number;
  details?: (values: { variant: AnsweredVariant; value: number }[]) => Score['details'];
}): Score {
  const variants = (input.variants ?? []).filter((variant) => variant.kind === kind);
  if (variants.length === 0) return unmeasured(`no probe of the kind ${kind} was asked`);
  const answered = variants.filter((variant): variant is AnsweredVariant => variant.answer !== null);
  const missing = variants.find(({ answer }) => answer === null);
  if (missing) {
    const count = variants.length - answered.length;
    const reason = missing.reason ?? 'the probe has no answer';
    return unmeasured(`${count} of ${variants.length} probes unanswered, ${missing.id}: ${reason}`);
  }
  const values = answered.map((variant) => ({ variant, value: value(variant) }));
  const mean = values.reduce((sum, one) => sum + one.value, 0) / values.length;
  return scored(mean, { probes: values.length, ...details(values) });
}

/** Names the styles of the probes that were worth nothing. */
export const failedStyles = (values: readonly { variant: Variant; value: number }[]): Score['details'] => ({
  failed: values
    .filter(({ value }) => value === 0)
    .map(({ variant }) => variant.style)
    .join(', '),
});
