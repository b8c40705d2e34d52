/** What vLLM's metrics say of how busy it is; null where they don't say. */
export interface VllmLoad {
  waiting: number | null;
  /** Share of the key-value cache in use, 0..1; of the fullest engine. */
  cacheUsage: number | null;
}

/** Reads the two figures out of the Prometheus text of vLLM's `/metrics`; several engines are taken together. */
export function readVllmLoad(text: string): VllmLoad {
  const valuesOf = (name: string): number[] =>
    text.split('\n').flatMap((line) => {
      if (!line.startsWith(name) || !/^[{ ]/.test(line.slice(name.length))) return [];
      const value = Number(line.slice(line.lastIndexOf(' ') + 1));
      return Number.isFinite(value) ? [value] : [];
    });
  const waiting = valuesOf('vllm:num_requests_waiting');
  const usage = valuesOf('vllm:kv_cache_usage_perc');
  return {
    waiting: waiting.length === 0 ? null : waiting.reduce((sum, one) => sum + one, 0),
    cacheUsage: usage.length === 0 ? null : Math.max(...usage),
  };
}

const mostCacheUsage = 0.9;

/** Whether one release more can be taken: nobody waits, and the cache has room. */
export function capacityOf({ waiting, cacheUsage }: VllmLoad): { enough: boolean; reason: string } {
  if (waiting === null || cacheUsage === null)
    return { enough: true, reason: 'the endpoint does not say how busy it is' };
  const percent = `${Math.round(cacheUsage * 100)} %`;
  if (waiting > 0) return { enough: false, reason: `${waiting} requests wait, and ${percent} of the cache is in use` };
  const enough = cacheUsage < mostCacheUsage;
  return {
    enough,
    reason: `nobody waits, and ${percent} of the cache is in use ${enough ? '<' : '>='} ${mostCacheUsage * 100} %`,
  };
}
