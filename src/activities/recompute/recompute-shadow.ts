import { differencesOf, type Difference } from '../../domain/evaluation/recompute.js';
import { concludeShadow } from '../../domain/rollout/shadow/conclude-shadow.js';
import { shadowFigures } from '../../domain/rollout/shadow/shadow-figures.js';
import type { ArtifactStore } from '../ports.js';
import { rowsOfText } from '../shadow/row-log.js';
import { readShadow } from '../shadow/shadow-evidence.js';
import { loadVerified } from '../specifications.js';
import type { RecomputedPart } from './recomputed-part.js';

/**
 * A stored shadow again from what was measured of each pair, read by the digests that its evidence names: every gate,
 * the verdict and the figures. Null where the release had no shadow.
 * @throws PortError as `loadVerified` where rows are missing or other than recorded.
 */
export async function recomputeShadow({
  store,
  releaseId,
}: {
  store: Pick<ArtifactStore, 'get'>;
  releaseId: string;
}): Promise<RecomputedPart | null> {
  const evidence = await readShadow({ store, releaseId });
  if (evidence === null) return null;
  const { limits, judge, over, figures } = evidence;
  const bodies = await Promise.all(evidence.rows.map((ref) => loadVerified({ store, ref })));
  const rows = bodies.flatMap((body) => rowsOfText(Buffer.from(body).toString('utf8')));
  const { verdict, reason, verdicts } = concludeShadow({ rows, limits, judge, over });
  const again = shadowFigures({ rows, price: null });
  const differences: Difference[] = [
    ...differencesOf({ recorded: evidence.verdicts, recomputed: verdicts }),
    ...[
      { what: 'verdict', recorded: evidence.verdict, recomputed: verdict },
      { what: 'reason', recorded: evidence.reason, recomputed: reason },
      ...(['champion', 'challenger'] as const).flatMap((arm) =>
        (['pairs', 'latencyP50', 'latencyP95', 'promptTokens', 'completionTokens'] as const).map((figure) => ({
          what: `${arm}: ${figure}`,
          recorded: figures[arm][figure],
          recomputed: again[arm][figure],
        })),
      ),
    ].filter((one) => !Object.is(one.recorded, one.recomputed)),
  ];
  return { part: 'shadow', verdict, from: `${rows.length} pairs`, differences, asRecorded: [] };
}
