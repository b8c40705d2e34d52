/**
 * Families whose instances bring disks of their own, beside those whose name says so with a "d" (g4dn, p4d, c6id). EC2's
 * guide of instance types, "instance store volumes".
 */
const withDisks: ReadonlySet<string> = new Set([
  ...['g5', 'g6', 'g6e', 'gr6', 'g7e', 'p5', 'p5e', 'p5en', 'p6-b200', 'p6e-gb200', 'trn1', 'trn1n', 'trn2'],
]);

/** Whether instances of a type, `ml.g5.2xlarge`, bring disks of their own, which their hardware encrypts. */
export function hasOwnDisks(instanceType: string): boolean {
  const family = instanceType.split('.').at(-2) ?? '';
  return withDisks.has(family) || /^[a-z]+\d+[a-z]*d/.test(family);
}

/**
 * The key that encrypts the disks of instances, or null: SageMaker refuses a key where the disks are the instance's own
 * (API reference, ResourceConfig and CreateEndpointConfig).
 */
export const volumeKey = ({ kmsKey, instanceType }: { kmsKey: string | null; instanceType: string }): string | null =>
  hasOwnDisks(instanceType) ? null : kmsKey;
