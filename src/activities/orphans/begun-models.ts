import { releaseNumber } from '../../domain/release/remains.js';
import { storeKeys } from '../../contracts/store-keys.js';
import { PortError, type AuditKeys, type Ports } from '../ports.js';

type BegunPorts = Pick<Ports, 'store' | 'router'> & { auditKeys: AuditKeys };

/** Whether anything of a model can stand outside: it is served, or a release has begun. A spec alone leaves nothing. */
async function hasBegun({
  store,
  router,
  model,
}: Pick<Ports, 'store' | 'router'> & { model: string }): Promise<boolean> {
  if (await router.read({ model })) return true;
  for await (const { key } of store.list({ prefix: storeKeys.releases({ model }) }))
    if (releaseNumber({ model, releaseId: key.split('/')[1]! }) !== null) return true;
  return false;
}

/** Whether a person has removed a model, and nobody has applied a spec of it since then. */
async function isRemoved({ auditKeys, model }: { auditKeys: AuditKeys; model: string }): Promise<boolean> {
  const ofLife = (key: string): boolean => key.startsWith('removed/') || key.startsWith('specification/');
  return (await auditKeys.keys({ model })).findLast(ofLife)?.startsWith('removed/') === true;
}

/** The models whose specs are in the store, that have begun a release and that nobody has removed; `known` left out. */
export async function begunModels({
  store,
  router,
  auditKeys,
  known,
}: BegunPorts & { known: readonly string[] }): Promise<string[]> {
  const models = new Set<string>();
  for await (const { key } of store.list({ prefix: storeKeys.allSpecifications })) models.add(key.split('/')[1]!);
  const wants = async (model: string): Promise<boolean> =>
    (await hasBegun({ store, router, model })) && !(await isRemoved({ auditKeys, model }));
  const begun: string[] = [];
  for (const model of models) {
    if (known.includes(model)) continue;
    // A plan or a log that nobody can read keeps no other model from being swept, and is worth a look.
    const isWanted = await wants(model).catch((error: unknown) => {
      if (error instanceof PortError && !error.retryable) return true;
      throw error;
    });
    if (isWanted) begun.push(model);
  }
  return begun.sort();
}
