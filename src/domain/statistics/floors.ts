/**
 * Under these nothing is decided. A case is untied when the two arms scored differently on it (by more than rounding),
 * whatever the claim: a tied case shifts a relative or non-inferiority contrast, but it tells nothing of how the
 * differences spread, and a bootstrap cannot see the rare large loss that none of a handful of untied cases showed.
 */
export const floors = { clusters: 20, untiedCases: 30 } as const;

/** Why a sample of this shape decides nothing, or null where it does. */
export function underFloors({ clusters, untied }: { clusters: number; untied: number }): string | null {
  const short = [
    ...(clusters < floors.clusters ? [`${clusters} clusters < ${floors.clusters}`] : []),
    ...(untied < floors.untiedCases ? [`${untied} untied cases < ${floors.untiedCases}`] : []),
  ];
  return short.length === 0 ? null : short.join(' and ');
}

/** Cases of this kind that reach both floors: as many more as the scarcer of clusters and untied cases asks for. */
export function casesForFloors({
  cases,
  clusters,
  untied,
}: {
  cases: number;
  clusters: number;
  untied: number;
}): number {
  const perCluster = clusters < floors.clusters ? floors.clusters / clusters : 1;
  const perUntied = untied < floors.untiedCases ? floors.untiedCases / untied : 1;
  return Math.ceil(cases * Math.max(perCluster, perUntied) - 1e-9);
}
