import libheif from 'libheif-js/wasm-bundle.js';
import { profileOfColors } from '../color-numbers/profile-of-colors.ts';
import { type Part, uncropped } from './clean-aperture.ts';
import { namedColors } from './named-colors.ts';
import { rawTiff } from './raw-tiff.ts';

/** Numbers of libheif's C interface (heif.h, heif_image.h). */
const COLORSPACE_RGB = 1;
const CHROMA_RGB = 10;
const CHROMA_RGBA = 11;
const CHANNEL_INTERLEAVED = 10;
const ERROR_MEMORY = 6;
/** Comes with the code of a failed allocation, too. */
const SUBERROR_LIMIT = 1000;

/** Places in `struct heif_decoding_options` for 32-bit pointers: both ask for 8 bits and for no half pictures. */
const OPTION_HDR_TO_8BIT = 20;
const OPTION_STRICT = 21;

/** Room for results of any call: an error (12 bytes), a pointer or a length. */
const ERROR_AT = 0;
const OUT_AT = 16;
const SCRATCH_BYTES = 32;

/** Why libheif gave up: `memory` is the machine's failure, `limit` a bound of libheif's own, which every try will meet. */
type Reason = 'picture' | 'limit' | 'memory';

/** What libheif answered when it failed. */
export class HeifFailure extends Error {
  readonly reason: Reason;

  constructor(message: string, reason: Reason) {
    super(message);
    this.reason = reason;
  }
}

export type HeifDecoded =
  | { kind: 'too-many-pixels'; width: number; height: number }
  | { kind: 'decoded'; width: number; height: number; tiff: ArrayBuffer };

/**
 * Decodes the main picture of a HEIC/HEIF file: rotated, mirrored and cropped as the file says, 8 bits per sample.
 * Nothing is given back to the module's memory: it lives for one picture (see `heic-worker.ts`).
 * @throws HeifFailure if the file is cut off, damaged or of a kind that libheif does not know.
 */
export function decodeHeif(bytes: Uint8Array, maxPixels: number): HeifDecoded {
  try {
    return decode(bytes, maxPixels);
  } catch (error) {
    const whole = error instanceof HeifFailure && error.reason === 'limit' ? uncropped(bytes) : undefined;
    if (!whole) throw error;
    return decode(whole.bytes, maxPixels, whole.keep);
  }
}

function decode(bytes: Uint8Array, maxPixels: number, keep?: Part): HeifDecoded {
  const scratch = libheif._malloc(SCRATCH_BYTES);
  const context = libheif._heif_context_alloc();
  libheif._heif_context_set_maximum_image_size_limit(context, Math.ceil(Math.sqrt(maxPixels)));
  const file = libheif._malloc(bytes.length);
  libheif.HEAPU8.set(bytes, file);
  check(scratch, (error) => libheif._heif_context_read_from_memory(error, context, file, bytes.length, 0));
  const handle = pointerFrom(scratch, (error, out) =>
    libheif._heif_context_get_primary_image_handle(error, context, out),
  );
  const width = libheif._heif_image_handle_get_width(handle);
  const height = libheif._heif_image_handle_get_height(handle);
  if (width * height > maxPixels) return { kind: 'too-many-pixels', width, height };
  const colors = namedColors(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const named = colors && profileOfColors(colors);
  return { kind: 'decoded', ...decodePixels(handle, scratch, { keep, named }) };
}

interface Decoded {
  width: number;
  height: number;
  tiff: ArrayBuffer;
}

interface Wanted {
  keep: Part | undefined;
  /** The profile of a picture that has none of its own. */
  named: Uint8Array | undefined;
}

function decodePixels(handle: number, scratch: number, { keep, named }: Wanted): Decoded {
  const samples = libheif._heif_image_handle_has_alpha_channel(handle) ? 4 : 3;
  const chroma = samples === 4 ? CHROMA_RGBA : CHROMA_RGB;
  const options = libheif._heif_decoding_options_alloc();
  libheif.HEAPU8[options + OPTION_HDR_TO_8BIT] = 1;
  libheif.HEAPU8[options + OPTION_STRICT] = 1;
  const image = pointerFrom(scratch, (error, out) =>
    libheif._heif_decode_image(error, handle, out, COLORSPACE_RGB, chroma, options),
  );
  if (libheif._heif_image_get_decoding_warnings(image, 0, 0, 0) > 0)
    throw new HeifFailure('decoded with warnings', 'picture');
  const whole = {
    left: 0,
    top: 0,
    width: libheif._heif_image_get_width(image, CHANNEL_INTERLEAVED),
    height: libheif._heif_image_get_height(image, CHANNEL_INTERLEAVED),
  };
  const { left, top, width, height } = keep ?? whole;
  if (left + width > whole.width || top + height > whole.height)
    throw new HeifFailure('the crop is not within the picture', 'picture');
  const { file, pixels } = rawTiff({ width, height, samples }, readProfile(handle, scratch) ?? named);
  const plane = libheif._heif_image_get_plane_readonly(image, CHANNEL_INTERLEAVED, scratch + OUT_AT);
  const stride = readPointer(scratch + OUT_AT);
  copyRows(plane + top * stride + left * samples, stride, pixels, width * samples);
  return { width, height, tiff: file.buffer };
}

/** The decoder's rows are padded to `stride` bytes. */
function copyRows(plane: number, stride: number, pixels: Uint8Array, rowBytes: number): void {
  for (let to = 0, from = plane; to < pixels.length; to += rowBytes, from += stride) {
    pixels.set(libheif.HEAPU8.subarray(from, from + rowBytes), to);
  }
}

function readProfile(handle: number, scratch: number): Uint8Array | undefined {
  const size = libheif._heif_image_handle_get_raw_color_profile_size(handle);
  if (size === 0) return undefined;
  const profile = libheif._malloc(size);
  check(scratch, (error) => libheif._heif_image_handle_get_raw_color_profile(error, handle, profile));
  return libheif.HEAPU8.slice(profile, profile + size);
}

function pointerFrom(scratch: number, call: (error: number, out: number) => void): number {
  check(scratch, (error) => call(error, scratch + OUT_AT));
  return readPointer(scratch + OUT_AT);
}

/** `struct heif_error`: code, subcode, pointer to a message. */
function check(scratch: number, call: (error: number) => void): void {
  call(scratch + ERROR_AT);
  const code = readPointer(scratch + ERROR_AT);
  if (code === 0) return;
  const limit = readPointer(scratch + ERROR_AT + 4) === SUBERROR_LIMIT;
  const messageAt = readPointer(scratch + ERROR_AT + 8);
  const end = libheif.HEAPU8.indexOf(0, messageAt);
  throw new HeifFailure(
    Buffer.from(libheif.HEAPU8.subarray(messageAt, end)).toString(),
    limit ? 'limit' : code === ERROR_MEMORY ? 'memory' : 'picture',
  );
}

// The memory may have moved with any call: the view is recreated for every read.
const readPointer = (at: number): number => new DataView(libheif.HEAPU8.buffer).getUint32(at, true);
