#!/usr/bin/env bash
# Package:  R package Hmisc 4.8-0 (Debian r-cran-hmisc 4.8-0-1, R 4.2.2).
# Source:   Hmisc's manual, wtd.stats (weights are counts unless normwt = TRUE, which makes them sum to the number of
#           values and advises it for sampling weights).
# Guess:    quantiles do not depend on the unit of the weights: people, thousands of people, shares of all people.
# Seen:     with shares (sum 1) every quantile is the largest value, the lowest decile too; with the same 3,000 people as
#           counts they are what they should be; in thousands (sum 3) the lower quartile is a third value. No warning.
# Matters:  Palma ratios and medians of travel time weigh places by people, and population grids and surveys give people as
#           fractions. The poorest tenth gets the minutes of the worst place.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
dpkg -s r-cran-hmisc >/dev/null 2>&1 || apt-get install -yq --no-install-recommends r-cran-hmisc >/dev/null || exit 2
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
cat > probe.R <<'R'
suppressMessages(library(Hmisc))
cat("Hmisc", as.character(packageVersion("Hmisc")), "\n")
minutes <- c(10, 20, 30, 40)
people <- c(1200, 900, 600, 300)
quantiles <- function(w) unname(wtd.quantile(minutes, weights = w, probs = c(.1, .25, .5)))
counts <- quantiles(people)
thousands <- quantiles(people / 1000)
shares <- quantiles(people / sum(people))
cat("minutes at 10 %, 25 %, 50 % of people\n")
cat("  people:   ", counts, "\n  thousands:", thousands, "\n  shares:   ", shares, "\n")
seen <- all(shares == max(minutes)) && all(counts == c(10, 10, 20)) && !isTRUE(all.equal(thousands, counts))
quit(status = if (seen) 0 else 1)
R
Rscript --vanilla probe.R
