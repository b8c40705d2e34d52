import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import { keyRefusals, ServiceError } from './service-error.js';

const nameOfJob = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;
const longestRunSeconds = 28 * 86_400;
const longestKeptSeconds = 3600;

/** Refuses what SageMaker refuses of a training job before it begins, with every problem (README.md). */
export function checkRequest(request: CreateTrainingJobRequest): void {
  const problems: string[] = [];
  if (!nameOfJob.test(request.TrainingJobName ?? ''))
    problems.push(
      `Value '${request.TrainingJobName}' at 'trainingJobName' failed to satisfy constraint: Member must satisfy regular expression pattern`,
    );
  if (!request.RoleArn?.startsWith('arn:aws')) problems.push("'roleArn' is missing");
  if (!request.OutputDataConfig?.S3OutputPath?.startsWith('s3://'))
    problems.push("'outputDataConfig.s3OutputPath' is missing");
  const { InstanceType: type, VolumeKmsKeyId: key } = request.ResourceConfig ?? {};
  if (!type) problems.push("'resourceConfig.instanceType' is missing");
  problems.push(...keyRefusals({ key, type }));
  const { MaxRuntimeInSeconds = 0, MaxWaitTimeInSeconds } = request.StoppingCondition ?? {};
  if (MaxRuntimeInSeconds < 1) problems.push("'stoppingCondition.maxRuntimeInSeconds' is missing");
  if (request.EnableManagedSpotTraining && (MaxWaitTimeInSeconds ?? 0) < MaxRuntimeInSeconds)
    problems.push(
      'MaxWaitTimeInSeconds must be present and equal to or greater than MaxRuntimeInSeconds with managed spot training',
    );
  if (!request.EnableManagedSpotTraining && MaxWaitTimeInSeconds !== undefined)
    problems.push('MaxWaitTimeInSeconds must not be present without managed spot training');
  if (request.EnableManagedSpotTraining && request.ResourceConfig?.KeepAlivePeriodInSeconds)
    problems.push('KeepAlivePeriodInSeconds is not supported with managed spot training');
  const { KeepAlivePeriodInSeconds: kept = 0 } = request.ResourceConfig ?? {};
  if (kept > longestKeptSeconds) problems.push("'resourceConfig.keepAlivePeriodInSeconds' must be at most 3600");
  if (MaxRuntimeInSeconds > longestRunSeconds) problems.push('MaxRuntimeInSeconds must be at most 28 days');
  const { VpcConfig: vpc } = request;
  if (vpc && !(vpc.Subnets?.length && vpc.SecurityGroupIds?.length))
    problems.push("'vpcConfig' needs at least one of subnets and one of securityGroupIds");
  for (const [name, value] of Object.entries(request.HyperParameters ?? {}))
    if (value.length > 2500) problems.push(`hyperparameter ${name} is longer than 2500 characters`);
  if (problems.length > 0) throw new ServiceError('ValidationException', problems.join('; '));
}
