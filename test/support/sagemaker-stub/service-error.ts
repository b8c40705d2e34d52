/** An error as an AWS service answers it: HTTP 400 with its name. */
export class ServiceError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

/** Instances of these families have disks of their own, for which no key can be asked. */
const ownDisks = /^ml\.(?:g4dn|g5|g6|p4d|p5)\./;

/** What SageMaker says to a key for disks that are the instance's own; nothing where it takes the key. */
export const keyRefusals = ({ key, type }: { key: string | undefined; type: string | undefined }): string[] =>
  key !== undefined && ownDisks.test(type ?? '')
    ? [`VolumeKmsKeyId is not supported for instance type ${type} with local instance storage`]
    : [];
