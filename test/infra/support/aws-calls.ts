import ts from 'typescript';

/** A call of AWS's SDK: the client's package without its scope, and the operation. */
export interface AwsCall {
  client: string;
  operation: string;
}

/**
 * The calls that a file can make: commands that it makes, pages and waiters of a client, and uploads in parts. Every
 * value that it imports of a client counts, so that none is missed for how it is written.
 */
export function callsIn(file: ts.SourceFile): AwsCall[] {
  return file.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || statement.importClause?.isTypeOnly) return [];
    const { text: from } = statement.moduleSpecifier as ts.StringLiteral;
    const bindings = statement.importClause?.namedBindings;
    if (!from.startsWith('@aws-sdk/') || !bindings || !ts.isNamedImports(bindings)) return [];
    return bindings.elements
      .filter(({ isTypeOnly }) => !isTypeOnly)
      .flatMap(({ name, propertyName }) => operationOf((propertyName ?? name).text))
      .map((operation) => ({ client: from.replace('@aws-sdk/', ''), operation }));
  });
}

function operationOf(imported: string): string[] {
  const match = /^(\w+)Command$/.exec(imported) ?? /^paginate(\w+)$/.exec(imported);
  if (match) return [match[1]!];
  return imported === 'Upload' ? [imported] : [];
}

/** The prefix of a client's actions in policies, where it is not its name. */
const services: Readonly<Record<string, string>> = {
  'client-cloudwatch': 'cloudwatch',
  'client-cloudwatch-logs': 'logs',
  'client-dynamodb': 'dynamodb',
  'client-s3': 's3',
  'lib-storage': 's3',
  'client-sagemaker': 'sagemaker',
  'client-sagemaker-runtime': 'sagemaker',
  'client-sns': 'sns',
  'client-bedrock': 'bedrock',
  'client-bedrock-runtime': 'bedrock',
  'client-bedrock-agent-runtime': 'bedrock',
  'client-application-auto-scaling': 'application-autoscaling',
};

/** Operations whose action has another name (Service Authorization Reference, "Actions defined by ..."). */
const renamed: Readonly<Record<string, readonly string[]>> = {
  's3:HeadObject': ['s3:GetObject'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  's3:Upload': ['s3:PutObject'],
  'bedrock:Converse': ['bedrock:InvokeModel'],
  'bedrock:ConverseStream': ['bedrock:InvokeModelWithResponseStream'],
};

/** The actions that a policy must allow for a call. Throws for a client that this table does not know. */
export function actionsOf({ client, operation }: AwsCall, file: string): readonly string[] {
  const service = services[client];
  if (service === undefined)
    throw new Error(`${file} imports @aws-sdk/${client}: add its prefix to test/infra/support/aws-calls.ts`);
  const action = `${service}:${operation}`;
  return renamed[action] ?? [action];
}
