import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { gatewayFigure } from './alarms.js';

const width = 12;

const graph = ({ title, metrics }: { title: string; metrics: cloudwatch.IMetric[] }) =>
  new cloudwatch.GraphWidget({ title, left: metrics, width });

/** Requests, errors and shares of every model, the plans in force, and what AWS's own parts say. */
export function dashboard({
  scope,
  name,
  alarms,
  entrance,
  summaries,
}: {
  scope: Construct;
  name: string;
  alarms: cloudwatch.Alarm[];
  entrance: Record<'requests' | 'serverErrors' | 'latency', cloudwatch.IMetric>;
  summaries: cloudwatch.IMetric[];
}): cloudwatch.Dashboard {
  const events = gatewayFigure({ metric: 'events_total', statistic: 'SUM', by: ['model', 'arm', 'event'] });
  const share = gatewayFigure({ metric: 'plan_challenger_share', statistic: 'MAX', by: ['model'] });
  const revision = gatewayFigure({ metric: 'plan_revision', statistic: 'MAX', by: ['model'] });
  const age = gatewayFigure({ metric: 'plan_age_seconds', statistic: 'MAX', by: ['model'] });
  return new cloudwatch.Dashboard(scope, 'Dashboard', {
    dashboardName: name,
    widgets: [
      [new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms, width: 2 * width })],
      [
        graph({ title: 'Events by model and arm', metrics: [events] }),
        graph({ title: "Challenger's share as it holds now", metrics: [share] }),
      ],
      [
        graph({ title: 'Plan in force: revision', metrics: [revision] }),
        graph({ title: 'Plan in force: seconds since it was confirmed', metrics: [age] }),
      ],
      [
        graph({ title: 'API Gateway: requests and 5xx', metrics: [entrance.requests, entrance.serverErrors] }),
        graph({ title: 'API Gateway: latency', metrics: [entrance.latency] }),
      ],
      [graph({ title: 'Summaries: throttled requests of DynamoDB', metrics: summaries })],
    ],
  });
}
