import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Takes one finding of cdk-nag for right as it is, with the reason; others of the same rule still fail the synthesis. */
export const accept = ({ construct, rule, reason }: { construct: IConstruct; rule: string; reason: string }): void =>
  Validations.of(construct).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
