# SPDX-License-Identifier: GPL-2.0-only
#
# What comes from outside: host packages, sources. The kernel's flavour.

FRAGMENTS	:= $(FRAGMENTS_$(KERNEL))
SLOWDOWN	:= $(SLOWDOWN_$(KERNEL))

#
# Host packages
#
.PHONY: deps packages
deps: # no lock for what a package may start
	$(Q)configs/scripts/deps.sh install 9>&-

# Every first rule of the graph orders itself after this check.
packages: | $(filter deps,$(MAKECMDGOALS))
	@configs/scripts/deps.sh check
	@configs/scripts/compilers.sh '$(CROSS_COMPILE)' '$(HOSTCC)'

#
# Sources: one record a package, rewritten only when another file stands for it
#
HOST_RELEASE	:= $(shell . /etc/os-release; echo $${VERSION_CODENAME-})
SOURCES		:= $(DL_DIR)/$(HOST_RELEASE)
LOCKED_RELEASES	= $(sort $(shell awk '!/^\#/ { print $$1 }' configs/sources.lock))
LOCKED_PACKAGES	= $(sort $(shell awk '!/^\#/ { print $$2 }' configs/sources.lock))

export LOCKED

.PHONY: source lock-update
source: $(SOURCES)/.fetched

lock-update: | packages
	$(call step,1/1,sources.lock,lock-update) configs/scripts/fetch.sh lock $(DL_DIR)

$(SOURCES)/.fetched: configs/sources.lock $(if $(filter source,$(MAKECMDGOALS)),FORCE) | packages
	$(call step,1/7,sources,sources) configs/scripts/fetch.sh source $(DL_DIR)
	@touch $@

$(SOURCES)/%: $(SOURCES)/.fetched ;

.PHONY: legal-info
legal-info: $(SOURCES)/.fetched
	$(Q)configs/scripts/legal.sh $(SOURCES) $(DL_DIR) $(OUTPUT)/legal-info
	@echo 'Packages and licences: $(OUTPUT)/legal-info'

# An earlier build without LOCKED=1 may have settled for another version.
ifeq ($(LOCKED),1)
ifneq ($(shell grep -ls ' unlocked$$' $(SOURCES)/*),)
$(SOURCES)/.fetched: FORCE
endif
endif
