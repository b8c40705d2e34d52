import {
  type ApplicationAutoScalingClient,
  DeregisterScalableTargetCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { awsErrorOf, awsFailure } from '../aws/aws-failure.js';
import type { Hosting } from './endpoint-plan.js';

const dimension = 'sagemaker:variant:DesiredInstanceCount';

/** Scales the instances of a variant with its requests (Application Auto Scaling, target tracking). */
export class VariantScaling {
  readonly #client: ApplicationAutoScalingClient;
  readonly #instances: Hosting['instances'];

  constructor({ client, instances }: { client: ApplicationAutoScalingClient; instances: Hosting['instances'] }) {
    this.#client = client;
    this.#instances = instances;
  }

  /** Registering again changes nothing. */
  async begin(variant: { endpoint: string; name: string }): Promise<void> {
    const { least, most, invocationsTarget } = this.#instances;
    if (least === most) return;
    const target = variantTarget(variant);
    try {
      await this.#client.send(new RegisterScalableTargetCommand({ ...target, MinCapacity: least, MaxCapacity: most }));
      await this.#client.send(
        new PutScalingPolicyCommand({
          ...target,
          PolicyName: 'understudy-invocations',
          PolicyType: 'TargetTrackingScaling',
          TargetTrackingScalingPolicyConfiguration: {
            TargetValue: invocationsTarget,
            PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
            // An instance takes minutes to start, so it is not given up for a quiet minute.
            ScaleInCooldown: 600,
            ScaleOutCooldown: 60,
          },
        }),
      );
    } catch (error) {
      throw awsFailure({ what: `scaling ${target.ResourceId}`, error });
    }
  }

  /** A variant that is scaled can't be taken from its endpoint. */
  end(variant: { endpoint: string; name: string }): Promise<void> {
    return deregisterVariant({ client: this.#client, variant });
  }
}

/** Ends the scaling of a variant with all its policies; one that is not scaled is no error. */
export async function deregisterVariant({
  client,
  variant,
}: {
  client: ApplicationAutoScalingClient;
  variant: { endpoint: string; name: string };
}): Promise<void> {
  const target = variantTarget(variant);
  try {
    await client.send(new DeregisterScalableTargetCommand(target));
  } catch (error) {
    if (awsErrorOf(error).name !== 'ObjectNotFoundException')
      throw awsFailure({ what: `no longer scaling ${target.ResourceId}`, error });
  }
}

/** How Application Auto Scaling knows a variant. */
export const variantTarget = ({ endpoint, name }: { endpoint: string; name: string }) => ({
  ServiceNamespace: 'sagemaker' as const,
  ResourceId: `endpoint/${endpoint}/variant/${name}`,
  ScalableDimension: dimension as typeof dimension,
});
