import {
  type ApplicationAutoScalingClient,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { type CloudWatchClient, DeleteAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { awsErrorOf, awsFailure } from '../aws/aws-failure.js';
import { deregisterVariant, variantTarget } from '../sagemaker-endpoint/variant-scaling.js';

const namespace = 'AWS/SageMaker';
/** Waiting questions for each instance. */
const backlogTarget = 8;
/** So long nothing was asked before the last instance goes. */
const idleSeconds = 300;

export const alarmName = (endpoint: string): string => `${endpoint}-waiting`;

/**
 * Instances of an asynchronous endpoint by the questions that wait, down to none. From none only an alarm brings the first
 * one back, as nothing is divided by no instance (SageMaker's developer guide, "Autoscale an asynchronous endpoint").
 */
export class QueueScaling {
  readonly #scaling: ApplicationAutoScalingClient;
  readonly #alarms: CloudWatchClient;
  readonly #most: number;

  constructor({
    scaling,
    alarms,
    most,
  }: {
    scaling: ApplicationAutoScalingClient;
    alarms: CloudWatchClient;
    most: number;
  }) {
    this.#scaling = scaling;
    this.#alarms = alarms;
    this.#most = most;
  }

  /** Beginning again changes nothing. */
  async begin(variant: { endpoint: string; name: string }): Promise<void> {
    const target = variantTarget(variant);
    const dimensions = [{ Name: 'EndpointName', Value: variant.endpoint }];
    try {
      await this.#scaling.send(
        new RegisterScalableTargetCommand({ ...target, MinCapacity: 0, MaxCapacity: this.#most }),
      );
      await this.#scaling.send(
        new PutScalingPolicyCommand({
          ...{ ...target, PolicyName: 'understudy-backlog', PolicyType: 'TargetTrackingScaling' },
          TargetTrackingScalingPolicyConfiguration: {
            TargetValue: backlogTarget,
            CustomizedMetricSpecification: {
              ...{ MetricName: 'ApproximateBacklogSizePerInstance', Namespace: namespace, Statistic: 'Average' },
              Dimensions: dimensions,
            },
            ...{ ScaleInCooldown: idleSeconds, ScaleOutCooldown: 60 },
          },
        }),
      );
      const { PolicyARN } = await this.#scaling.send(
        new PutScalingPolicyCommand({
          ...{ ...target, PolicyName: 'understudy-first-instance', PolicyType: 'StepScaling' },
          StepScalingPolicyConfiguration: {
            ...{ AdjustmentType: 'ChangeInCapacity', MetricAggregationType: 'Average', Cooldown: idleSeconds },
            StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
          },
        }),
      );
      await this.#alarms.send(
        new PutMetricAlarmCommand({
          AlarmName: alarmName(variant.endpoint),
          ...{ MetricName: 'HasBacklogWithoutCapacity', Namespace: namespace, Dimensions: dimensions },
          ...{ Statistic: 'Average', Period: 60, EvaluationPeriods: 1, Threshold: 1 },
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          TreatMissingData: 'notBreaching',
          AlarmActions: [PolicyARN!],
        }),
      );
    } catch (error) {
      throw awsFailure({ what: `scaling ${target.ResourceId}`, error });
    }
  }

  async end(variant: { endpoint: string; name: string }): Promise<void> {
    await deregisterVariant({ client: this.#scaling, variant });
    try {
      await this.#alarms.send(new DeleteAlarmsCommand({ AlarmNames: [alarmName(variant.endpoint)] }));
    } catch (error) {
      if (awsErrorOf(error).name !== 'ResourceNotFound')
        throw awsFailure({ what: `removing the alarm of ${variant.endpoint}`, error });
    }
  }
}
