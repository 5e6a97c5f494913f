import {
  profileChanged,
  profileDetails,
  profileList,
  profileVersionView,
  pushRequest,
  rollbackRequest,
} from '../profile-views.ts';
import { profileInPath, profilesParameters, pushParameters, versionInPath } from '../requests.ts';
import { JSON_BODY, type Route } from './route.ts';

/** What is asked of pictures. */
export const PROFILE_ROUTES = {
  listProfiles: {
    method: 'get',
    path: '/v1/profiles',
    summary: 'What can be asked of a picture',
    about:
      'With `days`, callers who see everything read how much each one is used and how often it is right.',
    inQuery: profilesParameters,
    answers: { 200: { meaning: 'The active version of each.', content: profileList } },
    problems: ['INVALID_REQUEST', 'STORE_UNAVAILABLE'],
  },
  showProfile: {
    method: 'get',
    path: '/v1/profiles/{name}',
    summary: 'Read a profile: its file, its versions, and what happened to it',
    inPath: profileInPath,
    answers: { 200: { meaning: 'The profile, also a deleted one.', content: profileDetails } },
    problems: ['NOT_FOUND', 'STORE_UNAVAILABLE'],
  },
  showProfileVersion: {
    method: 'get',
    path: '/v1/profiles/{name}/versions/{version}',
    summary: 'Read one version of a profile',
    inPath: versionInPath,
    answers: { 200: { meaning: 'The version; it never changes.', content: profileVersionView } },
    problems: ['NOT_FOUND', 'STORE_UNAVAILABLE'],
  },
  pushProfile: {
    method: 'post',
    path: '/v1/profiles/{name}/versions',
    summary: 'Add or change a profile',
    about:
      'For operators. Every function asks by it within a minute; pictures under way keep the version that they came in with. ' +
      'A file that cannot be used is refused whole. Equal content is the same version, whatever its comments. With `dryRun` ' +
      'nothing is changed, and a file that cannot be used is answered with its problems. A version that is not activated ' +
      'is tried by uploads that name it as `profileVersion`; of those that were never active the 20 newest are kept.',
    inPath: profileInPath,
    inQuery: pushParameters,
    body: { meaning: 'The file, and reference pictures that are new.', required: true, content: pushRequest },
    answers: {
      200: { meaning: 'The content was there already, or it was a dry run.', content: profileChanged },
      201: {
        meaning: 'A new version.',
        content: profileChanged,
        headers: { Location: 'Address of the version.' },
      },
    },
    problems: [
      ...JSON_BODY,
      'NOT_OPERATOR',
      'NOT_FOUND',
      'INVALID_PROFILE',
      'PROFILE_CHANGED',
      'STORE_UNAVAILABLE',
    ],
  },
  rollBackProfile: {
    method: 'post',
    path: '/v1/profiles/{name}/rollback',
    summary: 'Ask by an earlier version again',
    about: 'For operators. Brings back a deleted profile too.',
    inPath: profileInPath,
    body: { meaning: 'Which.', required: false, content: rollbackRequest },
    answers: { 200: { meaning: 'The version that is active now.', content: profileChanged } },
    problems: [...JSON_BODY, 'NOT_OPERATOR', 'NOT_FOUND', 'STORE_UNAVAILABLE'],
  },
  deleteProfile: {
    method: 'delete',
    path: '/v1/profiles/{name}',
    summary: 'Ask no picture by this profile any more',
    about: 'For operators. Pictures under way finish with their version; a rollback brings the profile back.',
    inPath: profileInPath,
    answers: { 204: { meaning: 'It is deleted; its versions are kept.' } },
    problems: ['NOT_OPERATOR', 'NOT_FOUND', 'PROFILE_NEEDED', 'STORE_UNAVAILABLE'],
  },
} as const satisfies Record<string, Route>;
