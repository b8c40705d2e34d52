import type { RolloutInput } from '../contracts/release.js';
import type { PlanChange } from '../domain/rollout/traffic-plan.js';

/** Everyone but the holdback to the challenger; everyone where it is the first. `again` tells one start from another. */
export const promotion = ({
  input: { releaseId, champion, challenger },
  holdback,
  again,
}: {
  input: RolloutInput;
  holdback: number;
  again: string;
}): PlanChange =>
  champion
    ? {
        ...{ challenger, challengerShare: 1, holdback },
        reason: `${releaseId}: promoted, holdback ${holdback * 100} %${again}`,
      }
    : { champion: challenger, reason: `${releaseId}: first champion` };

/** Everyone to the challenger, as the champion that it is from now on. */
export const takeover = ({ releaseId, challenger }: RolloutInput): PlanChange => ({
  ...{ champion: challenger, challenger: null, challengerShare: 0, mirrorShare: 0, holdback: 0 },
  reason: `${releaseId}: bake ended, sole champion`,
});
