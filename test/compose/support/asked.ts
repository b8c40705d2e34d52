import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readText, root } from './compose-files.js';

const dashboards = 'infra/compose/grafana/dashboards';
export const prometheusFolder = 'infra/compose/prometheus';

export interface Dashboard {
  uid: string;
  title: string;
  panels: { title: string; targets: { expr: string; legendFormat: string }[] }[];
  templating: { list: { query: string }[] };
}

/** An expression of PromQL, of a panel or of an alert rule. */
export interface Asked {
  where: string;
  expression: string;
  /** Labels that the panel's legend or the alert's text names. */
  labels: string[];
}

export async function readDashboards(): Promise<Dashboard[]> {
  const files = await readdir(join(root, dashboards));
  return Promise.all(files.map(async (file) => JSON.parse(await readText(`${dashboards}/${file}`)) as Dashboard));
}

/** Everything that dashboards and alert rules ask. */
export async function readAsked(): Promise<Asked[]> {
  const { groups } = parse(await readText(`${prometheusFolder}/rules.yaml`)) as {
    groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
  };
  return [
    ...(await readDashboards()).flatMap(({ uid, panels, templating }) => [
      ...panels.flatMap(({ title, targets }) =>
        targets.map(({ expr, legendFormat }) => ({
          where: `${uid}: ${title}`,
          expression: expr,
          labels: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!),
        })),
      ),
      ...templating.list.map(({ query }) => ({ where: `${uid}: variable`, expression: query, labels: [] })),
    ]),
    ...groups.flatMap(({ rules }) =>
      rules.map(({ alert, expr, annotations: { summary } }) => ({
        where: alert,
        expression: expr,
        labels: [...summary.matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name!),
      })),
    ),
  ];
}
