import type { Progress } from '../../../contracts/release.js';
import { untold, verdictLines, type Told } from './narrate.js';

/** What deciding needs of the client library. */
export interface Decider {
  approve(input: { releaseId: string; by: string; evidenceDigest: string; reason: string }): Promise<unknown>;
  reject(input: { releaseId: string; by: string; evidenceDigest: string; reason: string }): Promise<unknown>;
}

const approver = 'demonstration';

/** The evidence as people read it before they decide: every gate with its reason, and the digest that is signed. */
export function evidenceLines({ releaseId, verdicts, digest }: EvidenceInput): string[] {
  return [`evidence of ${releaseId} (digest ${digest}):`, ...verdictLines(verdicts)];
}

interface EvidenceInput {
  releaseId: string;
  verdicts: Progress['verdicts'];
  digest: string;
}

/**
 * Answers for people, where the demonstration is asked to: approves a promotion after the evidence was printed, and
 * refuses whatever else is asked, since that is only asked when too little was measured. Tells how to answer where
 * people answer themselves. Each question once.
 */
export function createDecider({
  client,
  mode,
  temporalUi,
  evidenceOf,
  say,
}: {
  client: Decider;
  mode: 'auto' | 'ask';
  temporalUi: string | null;
  evidenceOf: (releaseId: string) => Promise<Progress['verdicts']>;
  say: (line: string) => void;
}): (input: { progress: Progress; told: Told }) => Promise<void> {
  const answered = new Set<string>();
  return async ({ progress: { releaseId, stage, waiting }, told }) => {
    const digest = waiting?.evidenceDigest ?? null;
    if (waiting === null || digest === null) return;
    const question = `${releaseId} ${stage} ${digest}`;
    if (answered.has(question)) return;
    const verdicts = await evidenceOf(releaseId);
    untold({ verdicts, told });
    for (const line of evidenceLines({ releaseId, verdicts, digest })) say(line);
    if (mode === 'ask') {
      say(`answer with: npx understudy approve ${releaseId} --by YOUR-NAME --digest ${digest}`);
      say(`         or: npx understudy reject ${releaseId} --by YOUR-NAME --digest ${digest} --reason WHY`);
      if (temporalUi !== null && waiting.how.includes('approvePromotion'))
        say(`         or: the signal approvePromotion {"by": "YOUR-NAME"} to rollout:${releaseId} at ${temporalUi}`);
    } else if (stage === 'approval') {
      await client.approve({ releaseId, by: approver, evidenceDigest: digest, reason: 'the demonstration approves' });
      say(`${releaseId}: approved by ${approver}`);
    } else {
      const reason = `the demonstration goes on with nothing that was not measured (${waiting.for})`;
      await client.reject({ releaseId, by: approver, evidenceDigest: digest, reason });
      say(`${releaseId}: refused by ${approver}: ${reason}`);
    }
    answered.add(question);
  };
}
