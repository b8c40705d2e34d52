import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** Files in PEM, each with its text. */
export interface IssuedCertificate {
  certificateFile: string;
  keyFile: string;
  certificate: string;
  key: string;
}

export interface CertificateAuthority {
  certificateFile: string;
  certificate: string;
  /** Signs a certificate for `name`, good for servers on this machine and for clients. */
  issue: (name: string) => Promise<IssuedCertificate>;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];

/** A certificate authority of a test's own, made with openssl. */
export async function createAuthority({ folder }: { folder: string }): Promise<CertificateAuthority> {
  await mkdir(folder, { recursive: true });
  const file = (name: string): string => join(folder, name);
  const [certificateFile, authorityKey] = [file('authority.pem'), file('authority.key')];
  const subject = ['-subj', '/CN=authority of a test', '-days', '2'];
  await execa('openssl', ['req', '-x509', ...newKey, ...subject, '-keyout', authorityKey, '-out', certificateFile]);
  return {
    certificateFile,
    certificate: await readFile(certificateFile, 'utf8'),
    issue: async (name) => {
      const issued = { certificateFile: file(`${name}.pem`), keyFile: file(`${name}.key`) };
      const request = file(`${name}.csr`);
      const extensions = file(`${name}.ext`);
      await writeFile(extensions, 'subjectAltName = DNS:localhost, IP:127.0.0.1\n');
      await execa('openssl', ['req', ...newKey, '-subj', `/CN=${name}`, '-keyout', issued.keyFile, '-out', request]);
      await execa('openssl', [
        ...['x509', '-req', '-in', request, '-CA', certificateFile, '-CAkey', authorityKey, '-CAcreateserial'],
        ...['-days', '2', '-extfile', extensions, '-out', issued.certificateFile],
      ]);
      return {
        ...issued,
        certificate: await readFile(issued.certificateFile, 'utf8'),
        key: await readFile(issued.keyFile, 'utf8'),
      };
    },
  };
}
