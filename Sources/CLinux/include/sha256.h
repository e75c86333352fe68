// SHA-256 (FIPS 180-4). In C for the instructions that x86 processors have for it, which Swift cannot express: a backup is
// hashed four to ten times as fast with them.
#ifndef CLINUX_SHA256_H
#define CLINUX_SHA256_H

#include <stddef.h>
#include <stdint.h>

// Takes `blocks` blocks of 64 bytes into the state.
void clinux_sha256_blocks(uint32_t state[8], const uint8_t *data, size_t blocks);

// The same without those instructions, for processors that lack them, and for tests.
void clinux_sha256_blocks_portable(uint32_t state[8], const uint8_t *data, size_t blocks);

#endif
