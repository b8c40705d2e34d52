import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { type SecretName, secretsOf } from '../../secrets.js';
import type { Settings } from '../../settings.js';
import { accept } from './accept.js';

/**
 * Secrets Manager holds what no role can stand for. What we may make up is made here; what others give out is a secret
 * without a value, so that pods wait until a person has filled it in.
 */
export class Secrets extends Construct {
  readonly #arns = new Map<SecretName, string>();

  constructor(scope: Construct, id: string, { settings, key }: { settings: Settings; key: IKey }) {
    super(scope, id);
    for (const { name, what, generated } of secretsOf(settings)) {
      const secret = new CfnSecret(this, name, {
        name: `${settings.name}/${name}`,
        description: what,
        kmsKeyId: key.keyArn,
        ...(generated ? { generateSecretString: { passwordLength: 48, excludePunctuation: true } } : {}),
      });
      secret.applyRemovalPolicy(RemovalPolicy.RETAIN);
      accept({
        construct: secret,
        rule: 'SMG4',
        reason:
          'Whoever uses it must change with it: docs/aws-infrastructure.md says how each is changed, none by a clock',
      });
      this.#arns.set(name, secret.ref);
    }
  }

  /** The ARNs of secrets; throws for one that these settings do not have. */
  arnsOf(names: readonly SecretName[]): string[] {
    return names.map((name) => {
      const arn = this.#arns.get(name);
      if (arn === undefined) throw new Error(`secret "${name}": expected one of ${[...this.#arns.keys()].join(', ')}`);
      return arn;
    });
  }
}
