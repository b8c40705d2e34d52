import { z } from 'zod';

export const bucketAddress = z.string().regex(/^s3:\/\/[a-z0-9.-]{3,63}\//, 'expected s3://bucket/folder/');
export const roleArn = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, 'expected the ARN of a role');
export const imageByDigest = z
  .string()
  .regex(/@sha256:[0-9a-f]{64}$/, 'expected an image by its digest, name@sha256:<64 digits>');
export const instanceType = z.string().regex(/^ml\./, 'expected a type such as ml.g5.2xlarge');
export const texts = z.array(z.string().min(1)).default([]);

/** AWS takes subnets with security groups, or none of both. */
export const isWholeNetwork = ({
  subnets,
  securityGroups,
}: {
  subnets: readonly string[];
  securityGroups: readonly string[];
}): boolean => subnets.length > 0 === securityGroups.length > 0;

/** What to say where `isWholeNetwork` does not hold. */
export const wholeNetwork = {
  path: ['securityGroups'],
  message: 'expected security groups with subnets, and none without',
};
