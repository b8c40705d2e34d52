import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { type GoldenRecord, goldenRecordSchema } from '../domain/dataset/golden-versions.js';
import { parseGoldenSet } from '../domain/dataset/golden.js';
import { sha256Hex } from '../domain/release/evidence.js';
import { type ArtifactStore, PortError } from './ports.js';
import { readJson } from './stored-json.js';

const versionPattern = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** What was frozen of a golden set, by version. */
export async function goldenRecords({
  store,
  name,
}: {
  store: Pick<ArtifactStore, 'get' | 'list'>;
  name: string;
}): Promise<GoldenRecord[]> {
  const records: GoldenRecord[] = [];
  for await (const { key } of store.list({ prefix: `golden/${name}/` })) {
    if (!key.endsWith('.json')) continue;
    const one = await readJson({ store, key, schema: goldenRecordSchema });
    if (one) records.push(one);
  }
  return records;
}

/** The version a new one follows: the named one, or the only one that nobody has followed yet. */
function parentOf({
  records,
  version,
  named,
}: {
  records: readonly GoldenRecord[];
  version: string;
  named: string | null;
}): GoldenRecord['parent'] {
  const others = records.filter((one) => one.version !== version);
  const followed = new Set(others.map(({ parent }) => parent?.version));
  const candidates = others.filter((one) => (named === null ? !followed.has(one.version) : one.version === named));
  if (candidates.length === 0 && named === null) return null;
  const [parent] = candidates;
  if (candidates.length === 1) return { version: parent!.version, sha256: parent!.sha256 };
  const there = others.map((one) => one.version).join(', ') || 'none';
  throw new PortError(
    'InvalidInput',
    named === null
      ? `golden version ${version}: expected the version it was made from, there are ${there}; name it with --parent`
      : `golden version ${version}: its parent ${named} is not frozen; there are ${there}`,
  );
}

/**
 * Freezes a golden set under a version once and for all; the same bytes again are the same version.
 * @throws PortError `InvalidInput` for a file with problems, naming the lines, and for a parent that can't be told;
 * `DigestMismatch` when other bytes are frozen under the version.
 */
export async function freezeGoldenVersion({
  store,
  name,
  version,
  body,
  parent,
}: {
  store: Pick<ArtifactStore, 'get' | 'list' | 'putIfAbsent'>;
  name: string;
  version: string;
  body: Uint8Array;
  parent: string | null;
}): Promise<{ record: GoldenRecord; ref: ArtifactRef; created: boolean }> {
  if (!versionPattern.test(version))
    throw new PortError('InvalidInput', `golden version "${version}": expected letters, digits, ".", "_" and "-"`);
  const { cases, problems } = parseGoldenSet({ text: Buffer.from(body).toString('utf8'), now: null });
  if (problems.length > 0) {
    const named = problems.slice(0, 10).map((one) => `line ${one.line}, ${one.field}: ${one.expected}`);
    throw new PortError('InvalidInput', `golden set ${name} ${version}: ${named.join('; ')}`);
  }
  const records = await goldenRecords({ store, name });
  const known = records.find((one) => one.version === version);
  const sha256 = sha256Hex(body);
  if (known && known.sha256 !== sha256) throw frozenOtherwise({ name, version, frozen: known.sha256, found: sha256 });
  const record: GoldenRecord = known ?? {
    ...{ name, version, sha256, cases: cases.length },
    parent: parentOf({ records, version, named: parent }),
  };
  const { created, ref } = await store.putIfAbsent({ key: storeKeys.golden({ name, version }), body });
  if (ref.sha256 !== sha256) throw frozenOtherwise({ name, version, frozen: ref.sha256, found: sha256 });
  const recordBody = Buffer.from(`${JSON.stringify(record)}\n`, 'utf8');
  await store.putIfAbsent({ key: storeKeys.goldenRecord({ name, version }), body: recordBody });
  return { record, ref, created };
}

function frozenOtherwise({
  name,
  version,
  frozen,
  found,
}: {
  name: string;
  version: string;
  frozen: string;
  found: string;
}): PortError {
  return new PortError(
    'DigestMismatch',
    `golden set ${name} ${version}: SHA-256 is ${found.slice(0, 12)}, frozen is ${frozen.slice(0, 12)}; ` +
      'a frozen version never changes: give the new cases a version of their own',
  );
}

/**
 * The bytes of a frozen version, proven to be those that were frozen.
 * @throws PortError `NotFound` where it is not frozen, `DigestMismatch` where somebody changed it.
 */
export async function readGoldenVersion({
  store,
  name,
  version,
}: {
  store: Pick<ArtifactStore, 'get'>;
  name: string;
  version: string;
}): Promise<{ record: GoldenRecord; body: Uint8Array }> {
  const stored = await store.get({ key: storeKeys.golden({ name, version }) });
  const recorded = await store.get({ key: storeKeys.goldenRecord({ name, version }) });
  if (stored === null || recorded === null)
    throw new PortError('NotFound', `golden set ${name} has no frozen version ${version}; freeze it first`);
  const record = goldenRecordSchema.parse(JSON.parse(Buffer.from(recorded.body).toString('utf8')));
  const found = sha256Hex(stored.body);
  if (found !== record.sha256) throw frozenOtherwise({ name, version, frozen: record.sha256, found });
  return { record, body: stored.body };
}
