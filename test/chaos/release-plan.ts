import type { ReleaseKind } from '../../src/domain/release/kinds.js';
import { pick, uniform } from './seeded.js';
import type { Quality } from './world/outside.js';

/** What a person, an operator or an accident does to a release. */
export type Deed =
  | 'refuse'
  | 'abort'
  | 'cancel'
  | 'cancelWorkflow'
  | 'cancelRollout'
  | 'terminateRelease'
  | 'terminateRollout'
  | 'terminateEvaluation'
  | 'rollback'
  | 'loseLifecycle'
  | 'cancelLifecycle';

/** How one release is meant to go, but for everything that goes wrong around it. */
export interface ReleasePlan {
  kind: ReleaseKind;
  quality: Quality;
  deed: { what: Deed; at: string; afterMilliseconds: number } | null;
}

/** Activities of every stage; what is done, is done when one of them begins for the first time. */
const moments = [
  'openRelease',
  'prepareDataset',
  'startTraining',
  'watchTraining',
  'collectTraining',
  'deployRelease',
  'generateAnswers',
  'decideEvaluation',
  'registerVersion',
  'smokeTest',
  'runLoadTest',
  'watchShadow',
  'sendNotification',
  'writePlan',
  'watchGuards',
  'assessStep',
  'moveAliases',
  'assessBake',
  'retireRelease',
  'closeRelease',
] as const;

const deeds: readonly (readonly [Deed | 'nothing', number])[] = [
  ['nothing', 44],
  ['refuse', 6],
  ['abort', 8],
  ['cancel', 8],
  ['cancelWorkflow', 5],
  ['cancelRollout', 4],
  ['terminateRelease', 8],
  ['terminateRollout', 5],
  ['terminateEvaluation', 2],
  ['rollback', 5],
  ['loseLifecycle', 3],
  ['cancelLifecycle', 2],
];

/** A first release is good, so that most models have a champion soon; all else goes as the seed says. */
export function planOf({ seed, releaseId }: { seed: number; releaseId: string }): ReleasePlan {
  const key = (what: string): string => `plan/${releaseId}/${what}`;
  const isFirst = releaseId.endsWith('-r1');
  const kind = isFirst
    ? 'training'
    : pick<ReleaseKind>({
        ...{ seed, key: key('kind') },
        choices: [
          ['training', 70],
          ['prompt', 15],
          ['serving', 15],
        ],
      });
  const quality = isFirst
    ? 'good'
    : pick<Quality>({
        ...{ seed, key: key('quality') },
        choices: [
          ['good', 80],
          ['harmful', 10],
          ['worse', 5],
          ['failsTraining', kind === 'training' ? 5 : 0],
        ],
      });
  const what = pick({ seed, key: key('deed'), choices: deeds });
  if (what === 'nothing') return { kind, quality, deed: null };
  const at = moments[Math.floor(uniform({ seed, key: key('moment') }) * moments.length)]!;
  return { kind, quality, deed: { what, at, afterMilliseconds: 600 * uniform({ seed, key: key('after') }) } };
}
