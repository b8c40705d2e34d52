import type { ProbeKind } from './behaviour/probe.js';
import type { Need } from './scorer.js';
import { scorers, setScorers } from './scorers.js';

const variantsOf = 'variants.';

/**
 * What has to be observed, and which probes asked, so that the metrics can be scored; what nobody needs, nobody pays for.
 * Metrics without a scorer here need nothing here.
 */
export function needsOf({ metrics }: { metrics: readonly string[] }): { needs: Need[]; probeKinds: ProbeKind[] } {
  const known = { ...setScorers, ...scorers };
  const needs = new Set(metrics.flatMap((metric) => (Object.hasOwn(known, metric) ? [...known[metric]!.needs] : [])));
  const sorted = [...needs].sort();
  return {
    needs: sorted,
    probeKinds: sorted.flatMap((need) =>
      need.startsWith(variantsOf) ? [need.slice(variantsOf.length) as ProbeKind] : [],
    ),
  };
}
