import { Stack } from 'aws-cdk-lib';
import { Effect, Policy, PolicyStatement, Role, ServicePrincipal, SessionTagsPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Permission } from '../../permissions/index.js';
import { accept } from './accept.js';

/** The policy statement of a permission, word for word. */
export const statementOf = ({ id, actions, resources, conditions }: Permission): PolicyStatement =>
  new PolicyStatement({
    sid: id,
    effect: Effect.ALLOW,
    actions: [...actions],
    resources: [...resources],
    ...(conditions ? { conditions } : {}),
  });

/**
 * A role that pods of one cluster take on by EKS Pod Identity: credentials last for hours and are given to the pod, so
 * that there is nothing to keep secret. `sourceArn` is the cluster's.
 */
export function podRole({
  scope,
  id,
  roleName,
  description,
  permissions,
}: {
  scope: Construct;
  id: string;
  roleName: string;
  description: string;
  permissions: readonly Permission[];
}): Role {
  const { account, region, partition } = Stack.of(scope);
  const pods = new ServicePrincipal('pods.eks.amazonaws.com', {
    conditions: {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': `arn:${partition}:eks:${region}:${account}:cluster/*` },
    },
  });
  return withPermissions({
    role: new Role(scope, id, { roleName, description, assumedBy: new SessionTagsPrincipal(pods) }),
    permissions,
  });
}

/** The role that a service of AWS takes on for jobs of this account. */
export function serviceRole({
  scope,
  id,
  service,
  roleName,
  description,
  permissions,
}: {
  scope: Construct;
  id: string;
  service: string;
  roleName: string;
  description: string;
  permissions: readonly Permission[];
}): Role {
  const assumedBy = new ServicePrincipal(service, {
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
  return withPermissions({ role: new Role(scope, id, { roleName, description, assumedBy }), permissions });
}

/** The role of a function of Lambda. */
export const functionRole = ({
  scope,
  id,
  roleName,
  description,
  permissions,
}: {
  scope: Construct;
  id: string;
  roleName: string;
  description: string;
  permissions: readonly Permission[];
}): Role =>
  withPermissions({
    role: new Role(scope, id, { roleName, description, assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
    permissions,
  });

function withPermissions({ role, permissions }: { role: Role; permissions: readonly Permission[] }): Role {
  const policy = new Policy(role, 'Permissions', { roles: [role], statements: permissions.map(statementOf) });
  for (const { id, resources, because } of permissions)
    for (const resource of resources.filter((one) => one.includes('*'))) {
      if (because === undefined) throw new Error(`permission ${id} on ${resource}: expected a reason for the asterisk`);
      accept({ construct: policy, rule: `IAM5[Resource::${resource}]`, reason: because });
    }
  return role;
}
