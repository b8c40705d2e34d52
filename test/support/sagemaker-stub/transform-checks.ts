import type { CreateModelInput, CreateTransformJobRequest } from '@aws-sdk/client-sagemaker';
import { keyRefusals, ServiceError } from './service-error.js';

const nameOfJob = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

/** What SageMaker refuses of a request for a transform job before it makes one. */
export function checkTransform({
  request,
  model,
}: {
  request: CreateTransformJobRequest;
  model: CreateModelInput | undefined;
}): void {
  const problems: string[] = [];
  const { TransformInput, TransformOutput, TransformResources, ModelClientConfig } = request;
  if (!nameOfJob.test(request.TransformJobName ?? ''))
    problems.push(`Value '${request.TransformJobName}' at 'transformJobName' failed to satisfy constraint`);
  if (!model) problems.push(`Could not find model "${request.ModelName}".`);
  else if (!model.PrimaryContainer?.ModelDataUrl?.endsWith('.tar.gz'))
    problems.push('ModelDataSource is not supported for batch transform; ModelDataUrl of a .tar.gz is required');
  if (!TransformInput?.DataSource?.S3DataSource?.S3Uri?.startsWith('s3://')) problems.push("'s3Uri' is missing");
  if (!TransformOutput?.S3OutputPath?.startsWith('s3://')) problems.push("'s3OutputPath' is missing");
  const { InstanceType: type, InstanceCount: count = 0, VolumeKmsKeyId: key } = TransformResources ?? {};
  if (!type) problems.push("'instanceType' is missing");
  if (count < 1 || count > 100) problems.push(`'instanceCount' ${count}: expected 1 to 100`);
  problems.push(...keyRefusals({ key, type }));
  const { MaxConcurrentTransforms: atOnce = 1, MaxPayloadInMB: megabytes = 6 } = request;
  if (atOnce * megabytes > 100) problems.push(`MaxConcurrentTransforms * MaxPayloadInMB exceeds 100 MB`);
  if (request.BatchStrategy === 'SingleRecord' && (TransformInput?.SplitType ?? 'None') === 'None')
    problems.push('BatchStrategy needs a SplitType');
  const { InvocationsTimeoutInSeconds: timeout = 600, InvocationsMaxRetries: retries = 3 } = ModelClientConfig ?? {};
  if (timeout < 1 || timeout > 3600) problems.push(`'invocationsTimeoutInSeconds' ${timeout}: expected 1 to 3600`);
  if (retries < 0 || retries > 3) problems.push(`'invocationsMaxRetries' ${retries}: expected 0 to 3`);
  if (problems.length > 0) throw new ServiceError('ValidationException', problems.join('; '));
}
