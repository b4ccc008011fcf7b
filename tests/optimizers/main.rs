//! Every optimizer against PyTorch's recorded trajectory, and one conformance suite over all.

mod conformance;
mod fixture;
mod parts;
mod schedules;
mod settings;
mod table;
mod trajectories;
