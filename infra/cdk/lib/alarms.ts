import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { metricsNamespace } from '../../limits.js';

type Statistic = 'MAX' | 'SUM' | 'MIN';

/** A figure of the gateways over all models and pods: an alarm by dimensions would need to know their names. */
export const gatewayFigure = ({
  metric,
  statistic,
  by = [],
}: {
  metric: string;
  statistic: Statistic;
  by?: string[];
}) =>
  new cloudwatch.MathExpression({
    expression:
      `SELECT ${statistic}(understudy_gateway_${metric}) FROM "${metricsNamespace}"` +
      (by.length === 0 ? '' : ` GROUP BY ${by.join(', ')}`),
    label: metric.replaceAll('_', ' '),
    usingMetrics: {},
    period: Duration.minutes(1),
  });

interface Watched {
  id: string;
  metric: cloudwatch.IMetric;
  over: number;
  minutes: number;
  what: string;
}

/** What docs/operations.md asks to be told of, and what only AWS sees. Nothing measured is no alarm: a new installation has no figures yet. */
export class Alarms extends Construct {
  readonly all: cloudwatch.Alarm[];

  constructor(
    scope: Construct,
    id: string,
    {
      topic,
      serverErrors,
      unhealthyHosts,
    }: { topic: ITopic; serverErrors: cloudwatch.IMetric; unhealthyHosts: cloudwatch.IMetric },
  ) {
    super(scope, id);
    const risen = (metric: string) => gatewayFigure({ metric, statistic: 'SUM' });
    const watched: Watched[] = [
      {
        id: 'PlanAge',
        metric: gatewayFigure({ metric: 'plan_age_seconds', statistic: 'MAX' }),
        over: 60,
        minutes: 2,
        what: 'A gateway has not read its traffic plan for over a minute: the store is away',
      },
      {
        id: 'LeaseLapsed',
        metric: gatewayFigure({ metric: 'plan_lease_lapsed', statistic: 'MAX' }),
        over: 0,
        minutes: 1,
        what: 'Nobody watches a canary: its lease has run out, and the champion serves everybody',
      },
      {
        id: 'PlanRefused',
        metric: risen('plan_refusals_total'),
        over: 0,
        minutes: 1,
        what: 'What stands in the store as a traffic plan is none',
      },
      {
        id: 'StoreWritesFail',
        metric: risen('store_write_failures_total'),
        over: 0,
        minutes: 5,
        what: 'Gateways fail to write to the store for five minutes',
      },
      {
        id: 'LinesDropped',
        metric: risen('lines_dropped_total'),
        over: 0,
        minutes: 1,
        what: 'Lines of the request log, or pairs of the shadow, are lost',
      },
      {
        id: 'ServerErrors',
        metric: serverErrors,
        over: 5,
        minutes: 3,
        what: 'API Gateway answers more than five requests a minute with 5xx',
      },
      {
        id: 'UnhealthyGateways',
        metric: unhealthyHosts,
        over: 0,
        minutes: 5,
        what: 'A gateway has been unready for five minutes',
      },
    ];
    this.all = watched.map(({ id: alarm, metric, over, minutes, what }) => {
      const made = new cloudwatch.Alarm(this, alarm, {
        alarmDescription: `${what}. See docs/operations.md, "When something dies".`,
        metric,
        threshold: over,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: minutes,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
      made.addAlarmAction(new SnsAction(topic));
      made.addOkAction(new SnsAction(topic));
      return made;
    });
  }
}
