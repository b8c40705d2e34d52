import type { Verdict, VerdictKind } from '../release/verdict.js';
import type { ArmFigures } from '../rollout/shadow/shadow-figures.js';

/** Pairs that disagree in the same way about questions with the same words. */
export interface ReportDisagreement {
  kind: string;
  words: string[];
  pairs: number;
  examples: { id: string; question: string; championAnswer: string; challengerAnswer: string | null }[];
}

/** What a shadow showed. */
export interface ReportShadow {
  startedAt: string;
  at: string;
  /** Whether it lasted its time; else something was shown early. */
  over: boolean;
  verdict: VerdictKind;
  reason: string;
  verdicts: readonly Verdict[];
  judge: { name: string; decides: boolean; reason: string; spentUsd: number; budgetUsd: number } | null;
  figures: { champion: ArmFigures; challenger: ArmFigures };
  /** Largest first. */
  disagreements: { pairs: number; clusters: ReportDisagreement[] };
  /** Pairs that were not looked at. */
  left: number;
}

/** What decided: every reason where something did not pass, else what the judge preferred, where one was asked. */
export function shadowConclusion({ verdict, reason, verdicts }: ReportShadow): string {
  const preference = verdicts.find(({ gate }) => gate === 'shadow: preference');
  const [pairs] = verdicts;
  const passed = preference?.reason ?? pairs?.reason ?? reason;
  return `Verdict ${verdict}: ${verdict === 'pass' ? passed : reason}.`;
}

/** The rows of the table: what is compared, and both sides as people read them. */
export function shadowComparison({ figures: { champion, challenger } }: Pick<ReportShadow, 'figures'>): {
  label: string;
  champion: string;
  challenger: string;
}[] {
  const row = (label: string, said: (arm: ArmFigures) => string) => ({
    label,
    champion: said(champion),
    challenger: said(challenger),
  });
  const average = (sum: number, { pairs }: ArmFigures): string => (pairs === 0 ? '–' : (sum / pairs).toFixed(1));
  const failed = ({ errors }: ArmFigures): string => {
    const all = Object.values(errors).reduce((sum, one) => sum + one, 0);
    const kinds = Object.entries(errors).map(([kind, count]) => `${kind} ${count}`);
    return all === 0 ? '0' : `${all} (${kinds.join(', ')})`;
  };
  const milliseconds = (value: number | null): string => (value === null ? '–' : `${Math.round(value)} ms`);
  return [
    row('Failed requests', failed),
    row('Empty answers', ({ empty }) => String(empty)),
    row('Refusals', ({ refusals }) => String(refusals)),
    row('Latency, median', ({ latencyP50 }) => milliseconds(latencyP50)),
    row('Latency, 95th percentile', ({ latencyP95 }) => milliseconds(latencyP95)),
    row('Prompt tokens a request', (arm) => average(arm.promptTokens, arm)),
    row('Answer tokens a request', (arm) => average(arm.completionTokens, arm)),
    row('Cost of all answers', ({ costUsd }) => (costUsd === null ? '–' : `${costUsd.toFixed(4)} USD`)),
  ];
}
