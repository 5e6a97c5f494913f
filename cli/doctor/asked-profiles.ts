import type { Profile } from '../../shared/profiles/define.ts';
import { readProfileValue } from '../../shared/profiles/file/read-profile.ts';
import { allProfiles, isInTypeScript } from '../../shared/profiles/index.ts';
import { ReferencesError, takeReferences } from '../../shared/profiles/references.ts';
import {
  ACTIVE_PATH,
  type ActiveVersions,
  activeDocument,
  picturePath,
  type StoredVersion,
  versionDocument,
  versionPath,
} from '../../shared/profiles/store/profile-documents.ts';
import { error, type Finding, ok } from './finding.ts';
import { unseenOf } from './google-api.ts';
import type { ReadDocument } from './read-document.ts';

/** A version that the pipeline asks by now. */
export interface AskedProfile {
  profile: Profile;
  version: number;
  /** Of content and reference pictures. */
  digest: string;
}

/** What the pipeline asks by: the active versions, not the files. */
export interface AskedProfiles {
  asked: readonly AskedProfile[];
  /** Names of all that are active, also of those that cannot be read; undefined where nothing is known. */
  names: readonly string[] | undefined;
  /** What became of looking at them. */
  findings: readonly Finding[];
}

/** `where` is what names the deployment to a command. */
export async function lookAtAskedProfiles(read: ReadDocument, where = ''): Promise<AskedProfiles> {
  const looked = await read(ACTIVE_PATH);
  if (looked.state === 'unseen')
    return { asked: [], names: undefined, findings: [unseenOf('the stored profiles', looked)] };
  if (looked.state === 'missing')
    return {
      ...{ asked: [], names: undefined },
      findings: [ok('None is stored yet: the functions store those of profiles/ when they start.')],
    };
  const list = activeDocument.safeParse(looked.value).data?.active;
  if (!list) return { asked: [], names: undefined, findings: [unreadableList(where)] };
  const listed = Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1));
  const found = await Promise.all(listed.map(([name, one]) => lookAtOne(read, name, one, where)));
  return {
    names: listed.map(([name]) => name),
    asked: found.flatMap(({ asked }) => asked ?? []),
    findings: found.flatMap(({ findings }) => findings),
  };
}

const unreadableList = (where: string): Finding =>
  error(
    `The document ${ACTIVE_PATH} does not say which versions are active: no function takes up a change.`,
    `Delete it, then store each profile anew: npx pipeline profiles push NAME${where}`,
  );

async function lookAtOne(
  read: ReadDocument,
  name: string,
  { version, digest }: ActiveVersions[string],
  where: string,
): Promise<{ asked?: AskedProfile; findings: Finding[] }> {
  const what = `Version ${version} of the profile ${name}`;
  const push = `npx pipeline profiles push ${name}${where}`;
  const looked = await read(versionPath(name, version));
  if (looked.state === 'unseen') return { findings: [unseenOf('the stored profiles', looked)] };
  const stored = looked.state === 'found' ? versionDocument.safeParse(looked.value).data : undefined;
  if (!stored) {
    const why = looked.state === 'missing' ? 'is not stored' : 'is of a form that this release does not know';
    return { findings: [error(`${what} is active and ${why}: functions ask by an earlier one.`, push)] };
  }
  const profile = profileIn(name, stored);
  if (Array.isArray(profile)) {
    const text = `${what} cannot be read by this release, and its functions ask by an earlier one: ${profile.join('; ')}.`;
    return { findings: [error(text, `Correct its file, then: ${push}`)] };
  }
  const problems = await pictureProblems(read, profile, stored);
  const findings = problems.map((problem) => error(`${what}: ${problem}.`, push));
  return { asked: { profile: { ...profile, version }, version, digest }, findings };
}

/** The profile, or what is wrong with it. */
function profileIn(name: string, { content }: StoredVersion): Profile | string[] {
  const read = readProfileValue(name, valueIn(content));
  return 'problems' in read ? read.problems.map(({ text }) => text) : read.profile;
}

function valueIn(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** What keeps analyze-image from sending its reference pictures. */
async function pictureProblems(
  read: ReadDocument,
  profile: Profile,
  { pictures }: StoredVersion,
): Promise<string[]> {
  const found = await Promise.all(
    pictures.map(async ({ file, sha256 }) => {
      const looked = await read(picturePath(profile.name, sha256));
      const bytes = looked.state === 'found' ? looked.value['bytes'] : undefined;
      return { file, bytes: bytes instanceof Uint8Array ? Buffer.from(bytes) : undefined };
    }),
  );
  const missing = found.filter(({ bytes }) => !bytes);
  if (missing.length > 0) return missing.map(({ file }) => `its reference picture ${file} is not stored`);
  const bytesOf = new Map(found.map(({ file, bytes }) => [file, bytes]));
  try {
    takeReferences(profile, (file) => bytesOf.get(file));
    return [];
  } catch (failure) {
    if (!(failure instanceof ReferencesError)) throw failure;
    return [...failure.problems];
  }
}

/** The profiles whose models matter: those that pictures are asked by, or the files' where none is known. */
export const profilesInUse = ({ asked, names }: AskedProfiles): readonly Profile[] =>
  names === undefined
    ? allProfiles()
    : [...asked.map(({ profile }) => profile), ...allProfiles().filter(({ name }) => isInTypeScript(name))];
