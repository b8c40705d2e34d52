/**
 * The processor cores that an embedded vLLM computes on, as its setting `VLLM_CPU_OMP_THREADS_BIND` names them: the last
 * two of those this process may use, and one of them always left to the others. A small model is no faster on more:
 * its many short steps wait for the slowest core each time, and the training, the gateway and the worker use them too.
 * With 3 of 4 cores and an adapter it gave 14 tokens a second for 8 callers, on 2 it gives 72.
 *
 * @param allowed the kernel's list, such as `0-3,8` (`Cpus_allowed_list` of /proc/self/status)
 * @returns null where there are not two cores, so that vLLM chooses
 */
export function servingCores({ allowed }: { allowed: string }): string | null {
  const cores = allowed.split(',').flatMap((part) => {
    const [first, last = first] = part.trim().split('-').map(Number);
    return Array.from({ length: last! - first! + 1 }, (_, index) => first! + index);
  });
  if (cores.length < 2 || !cores.every(Number.isInteger)) return null;
  return cores.slice(-Math.min(2, cores.length - 1)).join(',');
}
